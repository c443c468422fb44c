import type { Session } from '../kit/session.ts';
import { version as ownVersion } from '../version.ts';
import { coreSchema } from './core-schema.ts';
import { isOlder, SchemaNewerError } from './needs.ts';
import { isFoldingPending } from './refold.ts';
import { type LoadedFunction, loadFunctions, requireSound, type SchemaSet } from './schema-set.ts';

/** A database from before the first released schema, which cannot be migrated. */
export class SchemaUnreleasedError extends Error {
  constructor() {
    super('the database was created by a development version, whose schema this version cannot change');
  }
}

/**
 * What was applied and what is to be, by names such as `coucou/0001-accounts` and `coucou/functions/messages/append-messages`. A function
 * whose file has another text than the one that was applied is pending, unless a newer version applied it.
 */
export type MigrationStatus = Readonly<{
  applied: readonly string[];
  pending: readonly string[];
  /** Of those pending that take something away: the version that every node that runs must have. */
  needs: Readonly<Record<string, string>>;
  /** What newer versions applied, and this one leaves as it is: migrations that it does not know, functions of another text. */
  ahead: readonly string[];
}>;

export const migrationTable = ({ name }: SchemaSet): string => `${name}_migration`;
export const migrationName = ({ name }: Pick<SchemaSet, 'name'>, migration: string): string => `${name}/${migration}`;
export const functionName = ({ name }: Pick<SchemaSet, 'name'>, file: Pick<LoadedFunction, 'name'>): string =>
  `${name}/functions/${file.name}`;

export type SetStatus = Readonly<{
  set: SchemaSet;
  functions: readonly LoadedFunction[];
  appliedMigrations: readonly string[];
  pendingMigrations: readonly string[];
  pendingFunctions: readonly LoadedFunction[];
  /** Of newer versions. */
  unknownMigrations: readonly string[];
  keptFunctions: readonly LoadedFunction[];
}>;

const exists = async (session: Session, table: string): Promise<boolean> =>
  (await session.query<{ there: boolean }>('select to_regclass($1) is not null as there', [`public.${table}`])).rows[0]?.there === true;

type Recorded = Readonly<{ name: string; needs: string | null; hash?: string; version?: string | null }>;

// As JSON, since records of earlier versions have not all columns.
const recordedMigrations = async (session: Session, set: SchemaSet): Promise<readonly Recorded[]> =>
  (await exists(session, migrationTable(set)))
    ? (await session.query<Recorded>(`select name, to_jsonb(m) ->> 'needs' as needs from ${migrationTable(set)} m order by name`)).rows
    : [];
const FUNCTIONS = `
  select name, hash, to_jsonb(f) ->> 'needs' as needs, to_jsonb(f) ->> 'version' as version from schema_function f where schema_set = $1`;
const recordedFunctions = async (session: Session, set: SchemaSet): Promise<readonly Recorded[]> =>
  (await exists(session, 'schema_function')) ? (await session.query<Recorded>(FUNCTIONS, [set.name])).rows : [];

/** An older node goes on with what newer ones have added, and not without what they took away. */
function requireEnough(set: SchemaSet, migrations: readonly Recorded[], functions: readonly Recorded[], version: string): void {
  const lacking = [
    ...migrations.map(({ name, needs }) => ({ name: migrationName(set, name), needs })),
    ...functions.map((file) => ({ name: functionName(set, file), needs: file.needs })),
  ].flatMap(({ name, needs }) => (needs !== null && isOlder(version, needs) ? [`${name} (needs ${needs})`] : []));
  if (lacking.length > 0)
    throw new SchemaNewerError(`a newer version changed the database in a way that ${version} cannot run with: ${lacking.join(', ')}`);
}

export async function statusOf(session: Session, set: SchemaSet, version: string): Promise<SetStatus> {
  const known = Object.keys(set.migrations).toSorted();
  const [recorded, files] = [await recordedMigrations(session, set), await recordedFunctions(session, set)];
  requireEnough(set, recorded, files, version);
  const applied = recorded.map(({ name }) => name);
  const pending = known.filter((name) => !applied.includes(name));
  const [first] = pending;
  const late = applied.find((name) => first !== undefined && name > first);
  if (late !== undefined)
    throw new Error(`${set.name}: the migration ${first} comes before ${late}, which was applied; give it a later number`);

  const functions = await loadFunctions(set);
  const recordOf = new Map(files.map((file) => [file.name, file]));
  const changed = functions.filter(({ name, hash }) => recordOf.get(name)?.hash !== hash);
  const keptFunctions = changed.filter(({ name }) => isOlder(version, recordOf.get(name)?.version ?? '0.0.0'));
  return {
    set,
    functions,
    appliedMigrations: applied.filter((name) => known.includes(name)),
    pendingMigrations: pending,
    pendingFunctions: changed.filter((file) => !keptFunctions.includes(file)),
    unknownMigrations: applied.filter((name) => !known.includes(name)),
    keptFunctions,
  };
}

async function isUnreleased(session: Session): Promise<boolean> {
  if (!(await exists(session, 'kysely_migration'))) return false;
  return (await session.query(`select name from kysely_migration where name = '0001-foundation'`)).rows.length > 0;
}

const DEFINES = /\bcreate\s+(?:or\s+replace\s+)?function\s+(?:public\.)?"?(\w+)/gi;

/** `create or replace` would overwrite the core's function with a package's, until the core's file changes again. */
function requireOwnFunctions(statuses: readonly SetStatus[]): void {
  const owners = new Map<string, string>();
  for (const { set, functions } of statuses)
    for (const { text } of functions)
      for (const [, name = ''] of text.matchAll(DEFINES)) {
        const owner = owners.get(name.toLowerCase()) ?? set.name;
        if (owner !== set.name) throw new Error(`${set.name}: the function ${name.toLowerCase()} is that of the schema set ${owner}`);
        owners.set(name.toLowerCase(), owner);
      }
}

/** Functions whose text differs are those of the newer version where migrations are, whatever it calls itself. */
function leaveAhead(statuses: readonly SetStatus[]): readonly SetStatus[] {
  const unknown = statuses.flatMap(({ set, unknownMigrations }) => unknownMigrations.map((name) => migrationName(set, name)));
  const lacking = statuses.flatMap(({ set, pendingMigrations }) => pendingMigrations.map((name) => migrationName(set, name)));
  if (unknown.length > 0 && lacking.length > 0)
    throw new SchemaNewerError(`the database has ${unknown.join(', ')}, which this version does not know, and lacks ${lacking.join(', ')}`);
  if (unknown.length > 0)
    return statuses.map((status) => ({
      ...status,
      pendingFunctions: [],
      keptFunctions: [...status.keptFunctions, ...status.pendingFunctions],
    }));
  // A migration may have dropped a function, or what a trigger hangs on: all are applied again after one.
  return lacking.length === 0
    ? statuses
    : statuses.map((status) => ({
        ...status,
        pendingFunctions: status.functions.filter((file) => !status.keptFunctions.includes(file)),
      }));
}

/** `schemaSets` are those beside the core's own, in the order in which they are applied after it. */
export async function statusOfAll(session: Session, schemaSets: readonly SchemaSet[], version: string): Promise<readonly SetStatus[]> {
  const sets = [coreSchema, ...schemaSets];
  requireSound(sets, version);
  if (await isUnreleased(session)) throw new SchemaUnreleasedError();
  const statuses: SetStatus[] = [];
  for (const set of sets) statuses.push(await statusOf(session, set, version));
  requireOwnFunctions(statuses);
  return leaveAhead(statuses);
}

/** Stored keys that were folded as an earlier version did. */
export const FOLDING = 'coucou/folding';
export const mustFold = async (session: Session, version: string): Promise<boolean> =>
  !(await exists(session, 'schema_function')) || (await isFoldingPending(session, version));

/** What each pending step needs of the nodes that run. The folding needs this version: what older nodes write would stay as they fold it. */
export const needsOf = (statuses: readonly SetStatus[], folding: boolean, version: string): Readonly<Record<string, string>> =>
  Object.fromEntries([
    ...statuses
      .flatMap(({ set, pendingMigrations, pendingFunctions }) => [
        ...pendingMigrations.map((name) => [migrationName(set, name), set.migrations[name]?.needs] as const),
        ...pendingFunctions.map((file) => [functionName(set, file), file.needs] as const),
      ])
      .filter(([, needs]) => needs !== undefined),
    ...(folding ? [[FOLDING, version] as const] : []),
  ]) as Record<string, string>;

export const aheadOf = (statuses: readonly SetStatus[]): readonly string[] =>
  statuses.flatMap(({ set, unknownMigrations, keptFunctions }) => [
    ...unknownMigrations.map((name) => migrationName(set, name)),
    ...keptFunctions.map((file) => functionName(set, file)),
  ]);

export const describeAhead = (ahead: readonly string[]): string =>
  `the database is of a newer version, and stays as that made it: ${ahead.join(', ')}`;

export async function migrationStatus(
  session: Session,
  schemaSets: readonly SchemaSet[] = [],
  version: string = ownVersion,
): Promise<MigrationStatus> {
  const statuses = await statusOfAll(session, schemaSets, version);
  const folding = await mustFold(session, version);
  return {
    applied: statuses.flatMap(({ set, appliedMigrations, functions, pendingFunctions, keptFunctions }) => [
      ...appliedMigrations.map((name) => migrationName(set, name)),
      ...functions
        .filter((file) => !pendingFunctions.includes(file) && !keptFunctions.includes(file))
        .map((file) => functionName(set, file)),
    ]),
    pending: statuses
      .flatMap(({ set, pendingMigrations, pendingFunctions }) => [
        ...pendingMigrations.map((name) => migrationName(set, name)),
        ...pendingFunctions.map((file) => functionName(set, file)),
      ])
      .concat(folding ? [FOLDING] : []),
    needs: needsOf(statuses, folding, version),
    ahead: aheadOf(statuses),
  };
}
