import { setTimeout as pause } from 'node:timers/promises';
import { isLockConflict } from '../kit/errors.ts';
import { createPgPool } from '../kit/pg-pool.ts';
import { kyselyOn, type Session, type SessionPool } from '../kit/session.ts';
import { version as ownVersion } from '../version.ts';
import { coreSchema } from './core-schema.ts';
import { type BlockedStep, blockedSteps, describeNode, type RunningNode, SchemaNewerError } from './needs.ts';
import { refold } from './refold.ts';
import { runningNodes } from './running-nodes.ts';
import type { SchemaSet } from './schema-set.ts';
import {
  aheadOf,
  describeAhead,
  FOLDING,
  functionName,
  migrationName,
  type MigrationStatus,
  migrationStatus,
  migrationTable,
  mustFold,
  needsOf,
  type SetStatus,
  statusOf,
  statusOfAll,
} from './status.ts';

/** Nodes run that are older than what is pending needs. Nothing was applied. */
export class NodesTooOldError extends Error {
  constructor(blocked: readonly BlockedStep[]) {
    const steps = blocked.map(({ name, needs }) => `${name} (${needs} or newer)`);
    const nodes = new Set(blocked.flatMap((step) => step.nodes.map(describeNode)));
    super(`servers run that are older than ${steps.join(', ')} needs: ${[...nodes].join(', ')}`);
  }
}

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
-- Where PUBLIC may not connect, a role needs the right to ask how large the database is. Its owner alone can give it.
do $connect$
begin
  execute format('grant connect on database %I to coucou_app, coucou_system', current_database());
exception when insufficient_privilege then null;
end $connect$;
grant usage on schema public to coucou_app, coucou_system, coucou_append, coucou_search`;

/** Advisory lock of migrations and of anything else that one process may do at a time. */
const MIGRATION_LOCK = 7_266_825;

/** Others held tables in each of many attempts. Nothing was applied. */
export class TablesInUseError extends Error {
  constructor(attempts: number, cause: unknown) {
    super(`tables were in use in each of ${attempts} attempts`, { cause });
  }
}

const RECORDS = `
create table if not exists schema_function (
  schema_set text not null,
  name text not null,
  hash text not null,
  applied_at timestamptz not null default clock_timestamp(),
  primary key (schema_set, name)
);
-- The version that applied it, and what it needs (schema-set.ts).
alter table schema_function add column if not exists version text, add column if not exists needs text;
grant select on schema_function to public`;

const createMigrationTable = (set: SchemaSet): string => `
create table if not exists ${migrationTable(set)} (name text primary key, applied_at timestamptz not null default clock_timestamp());
alter table ${migrationTable(set)} add column if not exists needs text;
grant select on ${migrationTable(set)} to public`;

export type MigrateSessionOptions = Readonly<{
  /** Schema sets beside the core's own, in the order in which they are applied after it. */
  schemaSets?: readonly SchemaSet[];
  log?: (line: string) => void;
  /** No other process can use the database, whatever it says of nodes. */
  alone?: boolean;
  /** Of the product; default: this one. */
  version?: string;
}>;

/**
 * Brings the schema up to date under a lock, in one transaction: all migrations of all sets, then their functions. After it, what is stored
 * folded is folded again, if the folding is another. Answers what was pending. Needs the owner's rights. Throws `NodesTooOldError`.
 */
export async function migrateSession(
  session: Session,
  { schemaSets = [], log, alone = false, version = ownVersion }: MigrateSessionOptions = {},
): Promise<readonly string[]> {
  await session.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
  try {
    const statuses = await statusOfAll(session, schemaSets, version);
    const isCurrent = statuses.every(({ pendingMigrations, pendingFunctions }) => pendingMigrations.length + pendingFunctions.length === 0);
    const ahead = aheadOf(statuses);
    if (ahead.length > 0) log?.(describeAhead(ahead));
    const folding = await mustFold(session, version);
    if (isCurrent && !folding) return [];
    const blocked = alone ? [] : blockedSteps(needsOf(statuses, folding, version), await runningNodes(session));
    if (blocked.length > 0) throw new NodesTooOldError(blocked);
    await session.script(ROLES);
    const applied = isCurrent ? [] : await applyInOne(session, statuses, version, log);
    for (const name of applied) log?.(`${name}: applied`);
    if (folding) await refold(session, version, log);
    return folding ? [...applied, FOLDING] : applied;
  } finally {
    await session.query('select pg_advisory_unlock($1)', [MIGRATION_LOCK]);
  }
}

/**
 * How long it waits for a table that is in use. Whoever wants the table later waits behind it, and it may hold tables already that others wait for:
 * it lets go before PostgreSQL looks for deadlocks (`deadlock_timeout`, 1 s), so that none of theirs is ended for it.
 */
const LOCK_WITHIN_MS = 500;
const ATTEMPTS = 100;
/** Longer from one attempt to the next, up to: others get on with their work meanwhile. */
const REST_MS = { step: 250, most: 2_000 };

/** All or nothing; again where tables are in use. Throws `TablesInUseError` when they still are. */
async function applyInOne(
  session: Session,
  statuses: readonly SetStatus[],
  version: string,
  log?: (line: string) => void,
): Promise<readonly string[]> {
  for (let attempt = 1; ; attempt += 1) {
    await session.script(`begin; set local lock_timeout = ${LOCK_WITHIN_MS}`);
    try {
      const applied = await applyAll(session, statuses, version);
      await session.script('commit');
      return applied;
    } catch (error) {
      await session.script('rollback').catch(() => {});
      if (!isLockConflict(error)) throw error;
      if (attempt === ATTEMPTS) throw new TablesInUseError(attempt, error);
      if (attempt === 1) log?.('tables are in use: tries again until they are free for a moment');
      await pause(Math.min(REST_MS.step * attempt, REST_MS.most));
    }
  }
}

async function applyAll(session: Session, statuses: readonly SetStatus[], version: string): Promise<readonly string[]> {
  const applied: string[] = [];
  await session.script(RECORDS);
  // The migrations may drop what functions of a package that is left out rest on: they are applied again when it is back.
  if (statuses.some(({ pendingMigrations }) => pendingMigrations.length > 0))
    await session.query('delete from schema_function where schema_set <> all($1)', [statuses.map(({ set }) => set.name)]);
  for (const { set, pendingMigrations } of statuses) {
    await session.script(createMigrationTable(set));
    for (const name of pendingMigrations) {
      const migration = set.migrations[name];
      await migration?.up(kyselyOn<unknown>(session.query));
      await session.query(`insert into ${migrationTable(set)} (name, needs) values ($1, $2)`, [name, migration?.needs ?? null]);
      applied.push(migrationName(set, name));
    }
  }
  for (const { set, pendingFunctions } of statuses)
    for (const file of pendingFunctions) {
      await session.script(file.text);
      await session.query(
        `insert into schema_function (schema_set, name, hash, version, needs) values ($1, $2, $3, $4, $5)
         on conflict (schema_set, name) do update
           set hash = excluded.hash, version = excluded.version, needs = excluded.needs, applied_at = clock_timestamp()`,
        [set.name, file.name, file.hash, version, file.needs ?? null],
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

/** Applies the migrations of these names alone, by schema set, for the rows of a copy of such a database. Throws a `SchemaNewerError` where others are applied. */
export async function migrateTo(
  session: Session,
  schemaSets: readonly SchemaSet[],
  names: Readonly<Record<string, readonly string[]>>,
): Promise<void> {
  await session.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
  try {
    const statuses: SetStatus[] = [];
    for (const set of [coreSchema, ...schemaSets]) {
      const migrations = Object.entries(set.migrations).filter(([name]) => names[set.name]?.includes(name));
      const status = await statusOf(session, { ...set, migrations: Object.fromEntries(migrations), functions: [] }, ownVersion);
      if (status.unknownMigrations.length > 0)
        throw new SchemaNewerError(`${status.unknownMigrations.join(', ')} of ${set.name} are applied already`);
      statuses.push(status);
    }
    await session.script(ROLES);
    await applyInOne(session, statuses, ownVersion);
  } finally {
    await session.query('select pg_advisory_unlock($1)', [MIGRATION_LOCK]);
  }
}

export type MigrateOptions = Omit<MigrateSessionOptions, 'alone'> &
  Readonly<{
    ownerUrl: string;
    /** The login that serves requests, when it is not the owner: it is allowed to take the runtime roles. */
    runtimeUser?: string;
  }>;

export const migrateDatabase = ({ ownerUrl, runtimeUser, ...options }: MigrateOptions): Promise<{ applied: readonly string[] }> =>
  withOwner(ownerUrl, (pool) =>
    pool.use(async (session) => {
      const applied = await migrateSession(session, options);
      if (runtimeUser !== undefined) await session.script(`grant coucou_app, coucou_system to "${runtimeUser.replaceAll('"', '""')}"`);
      return { applied };
    }),
  );

export const databaseStatus = (url: string, schemaSets?: readonly SchemaSet[]): Promise<MigrationStatus> =>
  withOwner(url, (pool) => pool.use((session) => migrationStatus(session, schemaSets)));

/** What an upgrade to this version would find. For the owner, who may see which nodes run. */
export const upgradeStatus = (
  ownerUrl: string,
  schemaSets?: readonly SchemaSet[],
): Promise<Readonly<{ status: MigrationStatus; nodes: readonly RunningNode[] }>> =>
  withOwner(ownerUrl, (pool) =>
    pool.use(async (session) => ({ status: await migrationStatus(session, schemaSets), nodes: await runningNodes(session) })),
  );
