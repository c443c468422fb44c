import type { Session } from '../kit/session.ts';

/** A table with what its values are written and read as; generated columns are made again from the others. */
export type StoredTable = Readonly<{ name: string; columns: readonly string[]; types: readonly string[] }>;

/** All but the records of migrations, which are made by applying them. */
const TABLES = `
  select c.relname::text as name, array_agg(quote_ident(a.attname) order by a.attnum) as columns,
    array_agg(format_type(a.atttypid, a.atttypmod) order by a.attnum) as types
  from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
  where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and c.relname !~ '_migration$' and c.relname <> 'schema_function'
  group by c.oid, c.relname order by c.relname`;

export const storedTables = async (session: Session): Promise<readonly StoredTable[]> => (await session.query<StoredTable>(TABLES)).rows;

const MIGRATION_TABLES = `
  select relname::text as name from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' and relname ~ '_migration$' order by 1`;

/** The migrations that were applied, by schema set. */
export async function appliedMigrations(session: Session): Promise<Readonly<Record<string, readonly string[]>>> {
  const applied: Record<string, readonly string[]> = {};
  for (const { name } of (await session.query<{ name: string }>(MIGRATION_TABLES)).rows) {
    const { rows } = await session.query<{ name: string }>(`select name from ${name} order by name`);
    applied[name.replace(/_migration$/, '')] = rows.map((row) => row.name);
  }
  return applied;
}
