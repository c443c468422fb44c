import { createPgPool } from '../kit/pg-pool.ts';
import { kyselyOn, type Session, type SessionPool } from '../kit/session.ts';
import { coreSchema } from './core-schema.ts';
import { isFoldingStored, refold } from './refold.ts';
import { type LoadedFunction, loadFunctions, requireSound, type SchemaSet } from './schema-set.ts';

export class SchemaNewerError extends Error {
  constructor(unknownNames: readonly string[]) {
    super(`the database has migrations that this version does not know: ${unknownNames.join(', ')}`);
  }
}

/** A database from before the first released schema, which cannot be migrated. */
export class SchemaUnreleasedError extends Error {
  constructor() {
    super('the database was created by a development version, whose schema this version cannot change');
  }
}

/**
 * What was applied and what is to be, by names such as `coucou/0001-accounts` and `coucou/functions/messages/append-messages`. A function
 * whose file has another text than the one that was applied is pending.
 */
export type MigrationStatus = Readonly<{ applied: readonly string[]; pending: readonly string[] }>;

/** Roles belong to the whole server, so several databases may create them at once. */
const ROLES = `
do $roles$
declare wanted text;
begin
  foreach wanted in array array['coucou_app', 'coucou_system', 'coucou_append', 'coucou_search'] loop
    if not exists (select from pg_roles where rolname = wanted) then
      begin
        execute format('create role %I nologin', wanted);
      exception when duplicate_object or unique_violation then null;
      end;
    end if;
    -- Since PostgreSQL 16 the creator of a role is a member of it without the right to set it.
    if not pg_has_role(current_user, wanted, case when current_setting('server_version_num')::int >= 160000 then 'set' else 'member' end) then
      execute format('grant %I to current_user', wanted);
    end if;
  end loop;
end $roles$;
grant usage on schema public to coucou_app, coucou_system, coucou_append, coucou_search`;

/** Advisory lock of migrations and of anything else that one process may do at a time. */
const MIGRATION_LOCK = 7_266_825;

/** Compares the known migrations with the applied ones; works with any role. */
const FUNCTION_TABLE = `
create table if not exists schema_function (
  schema_set text not null,
  name text not null,
  hash text not null,
  applied_at timestamptz not null default clock_timestamp(),
  primary key (schema_set, name)
);
grant select on schema_function to public`;

const migrationTable = ({ name }: SchemaSet): string => `${name}_migration`;
const createMigrationTable = (set: SchemaSet): string => `
create table if not exists ${migrationTable(set)} (name text primary key, applied_at timestamptz not null default clock_timestamp());
grant select on ${migrationTable(set)} to public`;

type SetStatus = Readonly<{
  set: SchemaSet;
  functions: readonly LoadedFunction[];
  appliedMigrations: readonly string[];
  pendingMigrations: readonly string[];
  pendingFunctions: readonly LoadedFunction[];
}>;

const exists = async (session: Session, table: string): Promise<boolean> =>
  (await session.query<{ there: boolean }>('select to_regclass($1) is not null as there', [`public.${table}`])).rows[0]?.there === true;

async function statusOf(session: Session, set: SchemaSet): Promise<SetStatus> {
  const known = Object.keys(set.migrations).toSorted();
  const applied = (await exists(session, migrationTable(set)))
    ? (await session.query<{ name: string }>(`select name from ${migrationTable(set)} order by name`)).rows.map(({ name }) => name)
    : [];
  const unknownNames = applied.filter((name) => !known.includes(name));
  if (unknownNames.length > 0) throw new SchemaNewerError(unknownNames.map((name) => `${set.name}/${name}`));
  const pending = known.filter((name) => !applied.includes(name));
  const [first] = pending;
  const late = applied.find((name) => first !== undefined && name > first);
  if (late !== undefined)
    throw new Error(`${set.name}: the migration ${first} comes before ${late}, which was applied; give it a later number`);

  const functions = await loadFunctions(set);
  const hashes = (await exists(session, 'schema_function'))
    ? (await session.query<{ name: string; hash: string }>('select name, hash from schema_function where schema_set = $1', [set.name])).rows
    : [];
  const hashOf = new Map(hashes.map(({ name, hash }) => [name, hash]));
  return {
    set,
    functions,
    appliedMigrations: applied,
    pendingMigrations: pending,
    pendingFunctions: functions.filter(({ name, hash }) => hashOf.get(name) !== hash),
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

async function statusOfAll(session: Session, schemaSets: readonly SchemaSet[]): Promise<SetStatus[]> {
  const sets = [coreSchema, ...schemaSets];
  requireSound(sets);
  if (await isUnreleased(session)) throw new SchemaUnreleasedError();
  const statuses: SetStatus[] = [];
  for (const set of sets) statuses.push(await statusOf(session, set));
  requireOwnFunctions(statuses);
  // A migration may have dropped a function, or what a trigger hangs on: all are applied again after one.
  return statuses.every(({ pendingMigrations }) => pendingMigrations.length === 0)
    ? statuses
    : statuses.map((status) => ({ ...status, pendingFunctions: status.functions }));
}

const migrationName = ({ name }: SchemaSet, migration: string): string => `${name}/${migration}`;
const functionName = ({ name }: SchemaSet, file: Pick<LoadedFunction, 'name'>): string => `${name}/functions/${file.name}`;

/** Stored keys that were folded as an earlier version did. */
const FOLDING = 'coucou/folding';
const isFoldingPending = async (session: Session): Promise<boolean> =>
  !((await exists(session, 'schema_function')) && (await isFoldingStored(session)));

/** `schemaSets` are those beside the core's own, in the order in which they are applied after it. */
export async function migrationStatus(session: Session, schemaSets: readonly SchemaSet[] = []): Promise<MigrationStatus> {
  const statuses = await statusOfAll(session, schemaSets);
  const folding = await isFoldingPending(session);
  return {
    applied: statuses.flatMap(({ set, appliedMigrations, functions, pendingFunctions }) => [
      ...appliedMigrations.map((name) => migrationName(set, name)),
      ...functions.filter((file) => !pendingFunctions.includes(file)).map((file) => functionName(set, file)),
    ]),
    pending: statuses
      .flatMap(({ set, pendingMigrations, pendingFunctions }) => [
        ...pendingMigrations.map((name) => migrationName(set, name)),
        ...pendingFunctions.map((file) => functionName(set, file)),
      ])
      .concat(folding ? [FOLDING] : []),
  };
}

/**
 * Brings the schema up to date under a lock, in one transaction: all migrations of all sets, then their functions. After it, what is stored
 * folded is folded again, if the folding is another. Answers what was pending. Needs the owner's rights.
 */
export async function migrateSession(
  session: Session,
  schemaSets: readonly SchemaSet[] = [],
  log?: (line: string) => void,
): Promise<readonly string[]> {
  await session.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
  try {
    const statuses = await statusOfAll(session, schemaSets);
    const isCurrent = statuses.every(({ pendingMigrations, pendingFunctions }) => pendingMigrations.length + pendingFunctions.length === 0);
    const folding = await isFoldingPending(session);
    if (isCurrent && !folding) return [];
    await session.script(ROLES);
    const applied = isCurrent ? [] : await applyInOne(session, statuses);
    for (const name of applied) log?.(`${name}: applied`);
    if (folding) await refold(session, log);
    return folding ? [...applied, FOLDING] : applied;
  } finally {
    await session.query('select pg_advisory_unlock($1)', [MIGRATION_LOCK]);
  }
}

async function applyInOne(session: Session, statuses: readonly SetStatus[]): Promise<readonly string[]> {
  await session.script('begin');
  try {
    const applied = await applyAll(session, statuses);
    await session.script('commit');
    return applied;
  } catch (error) {
    await session.script('rollback').catch(() => {});
    throw error;
  }
}

async function applyAll(session: Session, statuses: readonly SetStatus[]): Promise<readonly string[]> {
  const applied: string[] = [];
  await session.script(FUNCTION_TABLE);
  // The migrations may drop what functions of a package that is left out rest on: they are applied again when it is back.
  if (statuses.some(({ pendingMigrations }) => pendingMigrations.length > 0))
    await session.query('delete from schema_function where schema_set <> all($1)', [statuses.map(({ set }) => set.name)]);
  for (const { set, pendingMigrations } of statuses) {
    await session.script(createMigrationTable(set));
    for (const name of pendingMigrations) {
      await set.migrations[name]?.up(kyselyOn<unknown>(session.query));
      await session.query(`insert into ${migrationTable(set)} (name) values ($1)`, [name]);
      applied.push(migrationName(set, name));
    }
  }
  for (const { set, pendingFunctions } of statuses)
    for (const file of pendingFunctions) {
      await session.script(file.text);
      await session.query(
        `insert into schema_function (schema_set, name, hash) values ($1, $2, $3)
         on conflict (schema_set, name) do update set hash = excluded.hash, applied_at = clock_timestamp()`,
        [set.name, file.name, file.hash],
      );
      applied.push(functionName(set, file));
    }
  return applied;
}

const withOwner = async <T>(url: string, work: (pool: SessionPool) => Promise<T>): Promise<T> => {
  const pool = createPgPool({ url, max: 1, statementTimeout: 3600, lockTimeout: 3600 });
  try {
    return await work(pool);
  } finally {
    await pool.end();
  }
};

export type MigrateOptions = Readonly<{
  ownerUrl: string;
  /** The login that serves requests, when it is not the owner: it is allowed to take the runtime roles. */
  runtimeUser?: string;
  /** Schema sets beside the core's own. */
  schemaSets?: readonly SchemaSet[];
  log?: (line: string) => void;
}>;

export const migrateDatabase = ({ ownerUrl, runtimeUser, schemaSets, log }: MigrateOptions): Promise<{ applied: readonly string[] }> =>
  withOwner(ownerUrl, (pool) =>
    pool.use(async (session) => {
      const applied = await migrateSession(session, schemaSets, log);
      if (runtimeUser !== undefined) await session.script(`grant coucou_app, coucou_system to "${runtimeUser.replaceAll('"', '""')}"`);
      return { applied };
    }),
  );

export const databaseStatus = (url: string, schemaSets?: readonly SchemaSet[]): Promise<MigrationStatus> =>
  withOwner(url, (pool) => pool.use((session) => migrationStatus(session, schemaSets)));
