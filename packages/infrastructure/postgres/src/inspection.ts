import { createPgPool } from './kit/pg-pool.ts';

export type Inspection = Readonly<{
  login: string;
  /** What makes row-level security a rule that this login can pass, in words: empty for a login that serves requests. */
  powers: readonly string[];
  /** Settings that are off, and without which a crash may lose what was committed. */
  unsafe: readonly string[];
}>;

/**
 * A member of a role can take it: what a login may become counts like what it is. Of the roles whose policies pass every row only
 * `coucou_system` is for the server to take; the others own functions. Before PostgreSQL 16 CREATEROLE gives itself any role.
 */
const LOGIN = `
  select session_user::text as login,
    bool_or(r.rolsuper) as super,
    bool_or(r.rolbypassrls) or exists (
      select from pg_policy p, unnest(p.polroles) role(id) join pg_roles passing on passing.oid = role.id
      where pg_get_expr(p.polqual, p.polrelid) = 'true' and passing.rolname <> 'coucou_system' and pg_has_role(session_user, passing.oid, 'member')
    ) as bypass,
    bool_or(r.rolcreaterole) and current_setting('server_version_num')::int < 160000 as creates,
    exists (
      select from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and pg_has_role(session_user, c.relowner, 'member')
    ) as owns
  from pg_roles r where pg_has_role(session_user, r.oid, 'member')`;

const UNSAFE = `
  select name from pg_settings where name in ('fsync', 'full_page_writes', 'synchronous_commit') and setting = 'off' order by name`;

/** What an operator may have set up wrong, as the login of the server sees it. */
export async function inspectDatabase(url: string): Promise<Inspection> {
  const pool = createPgPool({ url, max: 1 });
  try {
    return await pool.use(async (session) => {
      const { rows } = await session.query<{ login: string; super: boolean; bypass: boolean; creates: boolean; owns: boolean }>(LOGIN);
      const settings = await session.query<{ name: string }>(UNSAFE);
      const [row] = rows;
      if (row === undefined) throw new Error('the login is no role');
      const powers = [
        row.super && 'is a superuser',
        row.bypass && 'bypasses row-level security',
        row.owns && 'owns tables',
        row.creates && 'may take any role (CREATEROLE)',
      ];
      // A superuser is a member of every role.
      return {
        login: row.login,
        powers: row.super ? ['is a superuser'] : powers.filter((power) => power !== false),
        unsafe: settings.rows.map(({ name }) => name),
      };
    });
  } finally {
    await pool.end();
  }
}

export type ServerInspection = Readonly<{
  version: string;
  /** `server_version_num`: 150004 is 15.4. */
  versionNumber: number;
  isReadOnly: boolean;
  /** Its clock. */
  at: Date;
}>;

const SERVER = `
  select split_part(current_setting('server_version'), ' ', 1) as version, current_setting('server_version_num')::int as number,
    pg_is_in_recovery() or current_setting('default_transaction_read_only')::bool as read_only, clock_timestamp() as at`;

/** What server there is, as any login sees it. */
export async function inspectServer(url: string): Promise<ServerInspection> {
  const pool = createPgPool({ url, max: 1 });
  try {
    return await pool.use(async (session) => {
      const { rows } = await session.query<{ version: string; number: number; read_only: boolean; at: Date }>(SERVER);
      const [row] = rows;
      if (row === undefined) throw new Error('the server did not answer');
      return { version: row.version, versionNumber: row.number, isReadOnly: row.read_only, at: row.at };
    });
  } finally {
    await pool.end();
  }
}

/** A session that has been idle in a transaction, and so keeps every row that died since from being removed. */
export type IdleTransaction = Readonly<{ pid: number; login: string; application: string; seconds: number }>;

/** What a login may not see has no state for it: others' sessions are shown to superusers and members of `pg_read_all_stats`. */
const IDLE = `
  select pid, usename::text as login, application_name as application, extract(epoch from clock_timestamp() - xact_start)::int as seconds
  from pg_stat_activity
  where datname = current_database() and state like 'idle in transaction%' and clock_timestamp() - xact_start > make_interval(secs => $1)
  order by xact_start limit 1`;

/** The session that has been idle in a transaction for longest, if any has for so long. */
export async function findIdleTransaction(url: string, leastSeconds: number): Promise<IdleTransaction | undefined> {
  const pool = createPgPool({ url, max: 1 });
  try {
    return await pool.use(async (session) => (await session.query<IdleTransaction>(IDLE, [leastSeconds])).rows[0]);
  } finally {
    await pool.end();
  }
}
