import pg from 'pg';

/** Rows by table, under the names that a dump gives them: `public.message`. */
export type Counts = ReadonlyMap<string, number>;

/** The login of a back-up does not see every row. */
export class HiddenRowsError extends Error {}

const TABLES = `
  select format('%I.%I', n.nspname, c.relname) as name
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.relkind = 'r' and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname !~ '^pg_(toast|temp)' and c.relpersistence <> 't'
    -- Their rows come with the extension.
    and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
  order by 1`;

const INSUFFICIENT_PRIVILEGE = '42501';

/**
 * Counts every row of the database in one snapshot, and keeps it open for `work`, which reads the same one by its id
 * (`pg_dump --snapshot`). Row-level security is off: for a login that it binds, PostgreSQL fails instead of leaving rows out, and
 * this throws a `HiddenRowsError`.
 */
export async function inSnapshot<T>(url: string, work: (snapshot: string, counts: Counts) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, application_name: 'coucou backup' });
  // Without a listener a broken connection would end the process; the next statement reports it.
  client.on('error', () => {});
  await client.connect();
  try {
    await client.query('begin isolation level repeatable read read only; set local row_security = off');
    const { rows } = await client.query<{ snapshot: string }>('select pg_export_snapshot() as snapshot');
    return await work(rows[0]?.snapshot ?? '', await countAll(client));
  } finally {
    await client.end();
  }
}

async function countAll(client: pg.Client): Promise<Counts> {
  const counts = new Map<string, number>();
  try {
    const { rows } = await client.query<{ name: string }>(TABLES);
    for (const { name } of rows) {
      const counted = await client.query<{ count: string }>(`select count(*)::text as count from ${name}`);
      counts.set(name, Number(counted.rows[0]?.count));
    }
    return counts;
  } catch (error) {
    if ((error as { code?: unknown }).code !== INSUFFICIENT_PRIVILEGE) throw error;
    throw new HiddenRowsError(`the login of the back-up may not read every row (${(error as Error).message})`, { cause: error });
  }
}
