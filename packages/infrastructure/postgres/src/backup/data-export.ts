import type { NamedFile } from '@coucou/application/ports/data-checks';
import type { DataDescription, DataExport, TableShape } from '@coucou/application/ports/data-export';
import type { Session, SessionPool } from '../kit/session.ts';
import { coreSchema } from '../schema/core-schema.ts';
import type { SchemaSet } from '../schema/schema-set.ts';
import { appliedMigrations, storedTables, type StoredTable } from './tables.ts';
import { readWhole } from './whole-database.ts';

/** Rows that are read at once; few, since one may hold a megabyte. */
const BATCH = 1_000;

const DESCRIPTION = `
  select 'PostgreSQL ' || split_part(current_setting('server_version'), ' ', 1) as engine, (select epoch::text from deployment) as epoch,
    (select hash from schema_function where schema_set = 'coucou' and name = 'folding') as folding`;

/** Reads the database through a pool whose login passes row-level security, or that of an embedded database. */
export const createDataExport = (pool: SessionPool, schemaSets: readonly SchemaSet[]): DataExport => ({
  read: (work) =>
    readWhole(pool, async (session) => {
      // Text that is the same on every server.
      await session.script(
        `set local timezone = 'UTC'; set local datestyle = 'ISO'; set local bytea_output = 'hex'; set local extra_float_digits = 1`,
      );
      const { rows } = await session.query<Omit<DataDescription, 'migrations'>>(DESCRIPTION);
      const [description] = rows;
      if (description === undefined) throw new Error('the database did not answer');
      const migrations = await appliedMigrations(session);
      const { own, others } = ownTables(await storedTables(session), migrations, schemaSets);
      const tables = [];
      for (const { name, columns } of own) {
        const counted = await session.query<{ rows: number }>(`select count(*) as rows from ${name}`);
        tables.push({ name, columns, rows: counted.rows[0]?.rows ?? 0 });
      }
      return work({
        description: { ...description, migrations },
        tables,
        others,
        rowsOf: (table) => rowsOf(session, table),
        files: () => fetched<NamedFile>(session, filesOf(schemaSets)),
      });
    }),
});

/** A copy with a table that no migration creates could not be restored. On the schema of a newer version all tables count as the product's: it may have added some. */
function ownTables(
  tables: readonly StoredTable[],
  applied: DataDescription['migrations'],
  schemaSets: readonly SchemaSet[],
): Readonly<{ own: readonly StoredTable[]; others: readonly string[] }> {
  const sets = [coreSchema, ...schemaSets];
  const isKnown = (name: string, migration: string) => sets.some((set) => set.name === name && Object.hasOwn(set.migrations, migration));
  const isNewer = Object.entries(applied).some(([name, migrations]) => !migrations.every((migration) => isKnown(name, migration)));
  const known = new Set(sets.flatMap(({ personalData }) => Object.keys(personalData)));
  const own = tables.filter(({ name }) => isNewer || known.has(name));
  return { own, others: tables.flatMap(({ name }) => (own.some((table) => table.name === name) ? [] : [name])) };
}

const linesOf = ({ name, columns }: TableShape): string =>
  `select json_build_array(${columns.map((column) => `${column}::text`).join(', ')})::text as line from ${name}`;

const filesOf = (schemaSets: readonly SchemaSet[]): string =>
  `select f.account_id::text as account, f.key, f.what from (${[coreSchema, ...schemaSets].flatMap(({ files = [] }) => files).join(' union all ')}) f`;

async function* rowsOf(session: Session, table: TableShape): AsyncIterable<readonly string[]> {
  for await (const rows of fetched<{ line: string }>(session, linesOf(table))) yield rows.map(({ line }) => line);
}

async function* fetched<R>(session: Session, query: string): AsyncIterable<readonly R[]> {
  await session.script(`declare copied no scroll cursor for ${query}`);
  for (;;) {
    const { rows } = await session.query<R>(`fetch ${BATCH} from copied`);
    if (rows.length > 0) yield rows;
    if (rows.length < BATCH) break;
  }
  await session.script('close copied');
}
