import type { DataDescription, TableShape } from '@coucou/application/ports/data-export';
import { acknowledgePlace } from '../deployment.ts';
import { isDataError } from '../kit/errors.ts';
import type { Session } from '../kit/session.ts';
import { migrateSession, migrateTo } from '../schema/migrate.ts';
import type { SchemaSet } from '../schema/schema-set.ts';
import { type StoredTable, storedTables } from './tables.ts';

/** Somebody has an account or a conversation there already. */
export class NotEmptyError extends Error {}

/** Other rows, tables or columns than the back-up says, or rows that cannot be those of any database. */
export class DamagedCopyError extends Error {}

/** Without the values, which anybody may have written and a terminal would show. */
const damagedIn =
  (what: string) =>
  (error: unknown): unknown => {
    const { code, constraint } = error as { code?: unknown; constraint?: string };
    return isDataError(error)
      ? new DamagedCopyError(`rows of ${what} cannot be stored (${constraint ?? String(code)})`, { cause: error })
      : error;
  };

export type ImportedData = Readonly<{
  description: DataDescription;
  tables: readonly (TableShape & Readonly<{ rows: number }>)[];
  /** As `DataCopy.rowsOf`. */
  rowsOf(table: TableShape): AsyncIterable<readonly string[]>;
}>;

export type ImportOptions = Readonly<{
  schemaSets: readonly SchemaSet[];
  /** The same one is for a copy of what nobody will change any more. */
  newEpoch: boolean;
  /** Told after every batch of rows. */
  onRows?: (rows: number) => void;
}>;

/** Locks for a moment what a server would wait for; row-level security, which is forced on the owner too, would hide every row. */
export async function isInUse(session: Session): Promise<boolean> {
  const { rows } = await session.query<{ there: boolean }>(`select to_regclass('public.app_user') is not null as there`);
  if (rows[0]?.there !== true) return false;
  await session.script('begin; alter table app_user no force row level security; alter table conversation no force row level security');
  try {
    return await holdsSomebody(session);
  } finally {
    await session.script('rollback');
  }
}

const holdsSomebody = async (session: Session): Promise<boolean> =>
  (await session.query<{ used: boolean }>('select exists (select from app_user) or exists (select from conversation) as used')).rows[0]
    ?.used === true;

/**
 * Loads everything into a database that holds nobody: the schema as it was, all rows in one transaction, and then the schema of this version. Needs the owner's
 * rights, and that no server runs. Answers the epoch. Throws a `NotEmptyError`, a `DamagedCopyError`, and what `migrateTo` throws.
 */
export async function importData(session: Session, data: ImportedData, { schemaSets, newEpoch, onRows }: ImportOptions): Promise<string> {
  await migrateTo(session, schemaSets, data.description.migrations);
  await session.script(`begin; set local lock_timeout = '60s'; set local maintenance_work_mem = '256MB'; set local timezone = 'UTC'`);
  try {
    await load(session, data, onRows);
    const { rowCount } = await session.query(`update deployment set epoch = ${newEpoch ? 'gen_random_uuid()' : 'epoch'}`);
    if (rowCount !== 1) throw new DamagedCopyError('the copy has no epoch');
    await session.query(
      `insert into schema_function (schema_set, name, hash) values ('coucou', 'folding', $1) on conflict (schema_set, name) do update set hash = excluded.hash`,
      [data.description.folding],
    );
    await session.script('commit');
  } catch (error) {
    await session.script('rollback').catch(() => {});
    throw damagedIn('the copy')(error);
  }
  await migrateSession(session, { schemaSets, alone: true });
  await session.script('analyze');
  return acknowledgePlace(session, { keepEpoch: true });
}

/** Rows are loaded past triggers, foreign keys and indexes, which are made again over all of them: so no order matters, and it is several times as fast. */
async function load(session: Session, { tables, rowsOf }: ImportedData, onRows: ImportOptions['onRows']): Promise<void> {
  const targets = await storedTables(session);
  const names = targets.map(({ name }) => name);
  await session.script(names.map((name) => `alter table ${name} no force row level security, disable trigger user;`).join('\n'));
  if (await holdsSomebody(session)) throw new NotEmptyError('the database holds people or conversations already');
  requireSameTables(targets, tables);
  const restore = await putAside(session);
  await session.script(`truncate ${names.join(', ')}`);
  for (const table of tables) {
    const target = targets.find(({ name }) => name === table.name);
    if (target !== undefined) await loadTable(session, target, table, rowsOf(table), onRows);
  }
  // Transactions have other numbers here, and workers that claimed something are gone.
  await session.script('update outbox set stored_by = null, claimed_by = null, running_since = null; truncate outbox_worker');
  await session.script(restore);
  await session.script(names.map((name) => `alter table ${name} enable trigger user;`).join('\n'));
}

/** Before the tables are truncated: one that the copy lacks may be another application's. */
function requireSameTables(targets: readonly StoredTable[], tables: readonly TableShape[]): void {
  const lacking = targets.find(({ name }) => !tables.some((table) => table.name === name));
  if (lacking !== undefined)
    throw new DamagedCopyError(`the copy lacks the table ${lacking.name}, or the database is used by another application`);
  for (const { name, columns } of tables) {
    const target = targets.find((each) => each.name === name);
    if (target === undefined) throw new DamagedCopyError(`there is no table ${name} in the schema that the copy is of`);
    const unknown = columns.find((column) => !target.columns.includes(column));
    if (unknown !== undefined) throw new DamagedCopyError(`the table ${name} has no column ${unknown} in the schema that the copy is of`);
    const missing = target.columns.find((column) => !columns.includes(column));
    if (missing !== undefined) throw new DamagedCopyError(`the copy lacks the column ${missing} of ${name}`);
  }
}

async function loadTable(
  session: Session,
  target: StoredTable,
  { columns, rows: expected }: TableShape & Readonly<{ rows: number }>,
  batches: AsyncIterable<readonly string[]>,
  onRows: ImportOptions['onRows'],
): Promise<void> {
  const values = columns.map((column, at) => `(r.line->>${at})::${target.types[target.columns.indexOf(column)]}`).join(', ');
  // A row with too few values would be stored with nulls.
  const complete = `json_array_length(r.line) = ${columns.length}`;
  const insert = `insert into ${target.name} (${columns.join(', ')}) select ${values} from json_array_elements($1::json) r(line) where ${complete}`;
  let loaded = 0;
  for await (const lines of batches) {
    const { rowCount } = await session.query(insert, [`[${lines.join(',')}]`]).catch((error: unknown) => {
      throw damagedIn(target.name)(error);
    });
    if (rowCount !== lines.length) throw new DamagedCopyError(`rows of ${target.name} do not have one value for each column`);
    loaded += rowCount;
    onRows?.(rowCount);
    if (loaded > expected) break;
  }
  if (loaded !== expected)
    throw new DamagedCopyError(`the copy has ${loaded > expected ? 'more' : loaded} rows of ${target.name}, and should have ${expected}`);
}

const FOREIGN_KEYS = `
  select f.conrelid::regclass::text as table, quote_ident(f.conname) as name, pg_get_constraintdef(f.oid) as definition
  from pg_constraint f where f.contype = 'f' and f.connamespace = 'public'::regnamespace`;
const INDEXES = `
  select i.indexrelid::regclass::text as name, pg_get_indexdef(i.indexrelid) as definition
  from pg_index i join pg_class c on c.oid = i.indexrelid
  where c.relnamespace = 'public'::regnamespace
    and not exists (select from pg_constraint k where k.conindid = i.indexrelid and k.contype in ('p', 'u', 'x'))`;
const FORCED = `
  select c.oid::regclass::text as name from pg_class c
  where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and c.relrowsecurity order by 1`;

/** Drops foreign keys and indexes, and answers the statements that make them again and force row-level security, as it was. */
async function putAside(session: Session): Promise<string> {
  const { rows: keys } = await session.query<{ table: string; name: string; definition: string }>(FOREIGN_KEYS);
  const { rows: indexes } = await session.query<{ name: string; definition: string }>(INDEXES);
  const { rows: forced } = await session.query<{ name: string }>(FORCED);
  if (keys.length > 0) await session.script(keys.map(({ table, name }) => `alter table ${table} drop constraint ${name};`).join('\n'));
  if (indexes.length > 0) await session.script(`drop index ${indexes.map(({ name }) => name).join(', ')}`);
  return [
    ...indexes.map(({ definition }) => `${definition};`),
    ...keys.map(({ table, name, definition }) => `alter table ${table} add constraint ${name} ${definition};`),
    ...forced.map(({ name }) => `alter table ${name} force row level security;`),
  ].join('\n');
}
