import { Migrator } from 'kysely/migration';
import { migrations } from './migrations/list.ts';
import { createPgPool } from '../kit/pg-pool.ts';
import type { Session, SessionPool } from '../kit/session.ts';

export class SchemaNewerError extends Error {
  constructor(unknownNames: readonly string[]) {
    super(`the database has migrations that this version does not know: ${unknownNames.join(', ')}`);
  }
}

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
    -- Since PostgreSQL 16 whoever creates a role is a member of it that may not take it on.
    if not pg_has_role(current_user, wanted, case when current_setting('server_version_num')::int >= 160000 then 'set' else 'member' end) then
      execute format('grant %I to current_user', wanted);
    end if;
  end loop;
end $roles$;
grant usage on schema public to coucou_app, coucou_system, coucou_append, coucou_search`;

/** Advisory lock of migrations and of what else only one process may do at a time. */
const MIGRATION_LOCK = 7_266_825;

const migratorOn = (session: Session): Migrator =>
  new Migrator({ db: session.db, provider: { getMigrations: async () => migrations }, allowUnorderedMigrations: false });

export async function migrationStatus(session: Session): Promise<MigrationStatus> {
  const { rows } = await session.query<{ there: boolean }>(`select to_regclass('public.kysely_migration') is not null as there`);
  const done =
    rows[0]?.there === true
      ? (await session.query<{ name: string }>('select name from kysely_migration order by name')).rows.map((r) => r.name)
      : [];
  const unknownNames = done.filter((name) => !(name in migrations));
  if (unknownNames.length > 0) throw new SchemaNewerError(unknownNames);
  return { applied: done, pending: Object.keys(migrations).filter((name) => !done.includes(name)) };
}

/** Brings the schema up to date under a lock; answers what it applied. Needs the owner's rights. */
export async function migrateSession(session: Session, log?: (line: string) => void): Promise<readonly string[]> {
  await session.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
  try {
    const { pending } = await migrationStatus(session);
    if (pending.length === 0) return [];
    await session.script(ROLES);
    const { error, results } = await migratorOn(session).migrateToLatest();
    for (const result of results ?? []) log?.(`${result.migrationName}: ${result.status}`);
    if (error !== undefined) throw error;
    // A server that starts compares what it knows with what was applied.
    await session.script('grant select on kysely_migration to public');
    return pending;
  } finally {
    await session.query('select pg_advisory_unlock($1)', [MIGRATION_LOCK]);
  }
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
  log?: (line: string) => void;
}>;

export const migrateDatabase = ({ ownerUrl, runtimeUser, log }: MigrateOptions): Promise<{ applied: readonly string[] }> =>
  withOwner(ownerUrl, (pool) =>
    pool.use(async (session) => {
      const applied = await migrateSession(session, log);
      if (runtimeUser !== undefined) await session.script(`grant coucou_app, coucou_system to "${runtimeUser.replaceAll('"', '""')}"`);
      return { applied };
    }),
  );

export const databaseStatus = (url: string): Promise<MigrationStatus> => withOwner(url, (pool) => pool.use(migrationStatus));
