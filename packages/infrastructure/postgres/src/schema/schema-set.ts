import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Kysely } from 'kysely';
import type { Session } from '../kit/session.ts';
import { isOlder, isVersion } from './needs.ts';
import type { PersonalData } from './personal-data.ts';

/** What a step that takes something away, or gives a name another meaning, says of itself: the contract of expand and contract. */
type Contracting = Readonly<{
  /**
   * The version of the product from which on nodes work without what is taken away, such as `0.2.0`. The step is not applied while an older
   * node runs, and an older node does not start after it. At most the version before the one that the step is released in.
   */
  needs?: string;
}>;

/**
 * One step of a schema, forward-only: expand, then contract. `db` is inside the transaction of the whole run and has the rights of the
 * owner; a released step never changes.
 */
export type Migration = Contracting & Readonly<{ up(db: Kysely<unknown>): Promise<void> }>;

/** One file of SQL. It is applied again whenever its text has changed: `create or replace`, with `drop … if exists` of older signatures. */
export type FunctionFile = Contracting &
  Readonly<{
    /** Such as `messages/append-messages`. */
    name: string;
    url: URL;
  }>;

/** What must hold for what is stored, as a query that answers whatever does not. It runs over all accounts, without row-level security. */
export type Check = Readonly<{
  /** Such as `message-numbers`. */
  name: string;
  /** What is so where it finds nothing. */
  proves: string;
  /** It looks at the catalogue of the database alone. */
  ofCatalogue?: true;
  /** Columns `account_id` (null where a fault is of none) and `what`, one row for each fault. Several where they are made from the catalogue. */
  faults: string | ((session: Session) => Promise<readonly string[]>);
}>;

/** The tables and functions of the core, or of a feature package. */
export type SchemaSet = Readonly<{
  /** Names its own table of migrations, `<name>_migration`. */
  name: string;
  /** By their names, such as `0001-polls`, applied in the order of these. */
  migrations: Readonly<Record<string, Migration>>;
  /** Applied in this order, after all migrations. */
  functions: readonly FunctionFile[];
  /** What the columns of its tables say of people: what exports hold and erasures take away. */
  personalData: PersonalData;
  /** What must hold for its rows beyond what their constraints say (`pnpm cli verify`). */
  checks?: readonly Check[];
  /** The files that its rows name, as a query: columns `account_id`, `key`, and `what` says whose one is. Not those that nothing uses. */
  files?: string;
}>;

/** Files `<name>.sql` beside the module whose `import.meta.url` is given; `needs` by their names. */
export const functionFiles = (moduleUrl: string, names: readonly string[], needs: Readonly<Record<string, string>> = {}): FunctionFile[] =>
  names.map((name) => ({
    name,
    url: new URL(`./${name}.sql`, moduleUrl),
    ...(needs[name] !== undefined && { needs: needs[name] }),
  }));

const NAMES = {
  'schema set': /^[a-z][a-z0-9_]{0,39}$/,
  migration: /^\d{4}-[a-z0-9-]{1,80}$/,
  function: /^[a-z0-9-]+(\/[a-z0-9-]+)*$/,
};

/** Throws, naming the fault, where a name is malformed or given twice, or a step needs what `version`, of this product, is not. */
export function requireSound(sets: readonly SchemaSet[], version: string): void {
  const require = (what: keyof typeof NAMES, names: readonly string[], of = '') => {
    const malformed = names.find((name) => !NAMES[what].test(name));
    if (malformed !== undefined) throw new Error(`${of}the ${what} ${malformed} must match ${NAMES[what].source}`);
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    if (twice !== undefined) throw new Error(`${of}the ${what} ${twice} is given twice`);
  };
  require('schema set', sets.map(({ name }) => name));
  for (const { name, migrations, functions } of sets) {
    require('migration', Object.keys(migrations), `${name}: `);
    require('function', functions.map((file) => file.name), `${name}: `);
    for (const [step, { needs }] of [...Object.entries(migrations), ...functions.map((file) => [file.name, file] as const)])
      if (needs !== undefined && (!isVersion(needs) || isOlder(version, needs)))
        throw new Error(`${name}: ${step} needs ${needs}, which must be a version up to this one, ${version}`);
  }
}

export type LoadedFunction = Contracting & Readonly<{ name: string; text: string; hash: string }>;

export const loadFunctions = ({ functions }: SchemaSet): Promise<LoadedFunction[]> =>
  Promise.all(
    functions.map(async ({ name, url, ...contracting }) => {
      const text = await readFile(url, 'utf8');
      return { ...contracting, name, text, hash: createHash('sha256').update(text).digest('hex') };
    }),
  );
