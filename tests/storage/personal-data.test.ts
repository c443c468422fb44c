import { schemaSetsOf } from '@coucou/postgres/kit/storage-parts';
import type { Session } from '@coucou/postgres/kit/session';
import { coreSchema } from '@coucou/postgres/schema/core-schema';
import { columnsOf, type Exported, type PersonalData, wordsOf } from '@coucou/postgres/schema/personal-data';
import { features } from '@coucou/server/composition/features';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EnginePools, engines } from './engines.ts';

/** The map of personal data against the schema: what a migration adds is decided on, or fails here. */

const sets = [coreSchema, ...schemaSetsOf(features.flatMap(({ storage = [] }) => storage))];
const map: PersonalData = Object.assign({}, ...sets.map(({ personalData }) => personalData));
const MIGRATOR_TABLES = new Set([...sets.map(({ name }) => `${name}_migration`), 'schema_function']);

const WHERE =
  'Say what it tells of people, how it is exported and how it is erased: for tables of the core in packages/infrastructure/postgres/src/schema/personal, for those of a feature package in `personalData` of its schema set.';

const COLUMNS = `
  select c.relname as "table", array_agg(a.attname::text order by a.attnum) as columns
  from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
  where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') group by c.relname order by 1`;

const REFERENCES_TO_PEOPLE = `
  select f.conrelid::regclass::text || '.' || a.attname as "column"
  from pg_constraint f join pg_attribute a on a.attrelid = f.conrelid and a.attnum = any(f.conkey)
  where f.confrelid = 'app_user'::regclass and a.attname <> 'account_id' order by 1`;

const INDEXES = `
  select i.indrelid::regclass::text as "table", pg_get_expr(i.indpred, i.indrelid) as condition,
    array(select a.attname::text from unnest(i.indkey[:i.indnkeyatts - 1]) with ordinality k(attnum, place)
      join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum order by k.place) as columns
  from pg_index i join pg_class c on c.oid = i.indrelid where c.relnamespace = 'public'::regnamespace and i.indexprs is null`;

const GRANTS = `
  select g.grantee as role, g.table_name as "table", g.privilege_type as may, g.column_name as "column"
  from information_schema.column_privileges g where g.table_schema = 'public' and g.grantee in ('coucou_app', 'coucou_system')
  union all
  select g.grantee, g.table_name, g.privilege_type, '*' from information_schema.table_privileges g
  where g.table_schema = 'public' and g.grantee in ('coucou_app', 'coucou_system')`;

const concerns = Object.entries(map).flatMap(([table, { of = {} }]) =>
  Object.entries(of).map(([column, concern]) => ({ table, column, place: `${table}.${column}`, ...concern })),
);

type Index = Readonly<{ table: string; condition: string | null; columns: readonly string[] }>;

/** Whether the planner can find a person's rows by it, in the order of the export. */
function serves(index: Index, column: string, via: string | undefined, exported: Exported | undefined): boolean {
  const inOrder = exported === undefined || exported.few ? [] : wordsOf(exported.by).filter((word) => word !== column);
  const through = exported?.through === undefined ? [] : ['conversation_id'];
  const wanted = ['account_id', ...through, column, ...inOrder];
  const condition = /\((\w+) IS NOT NULL\)/.exec(index.condition ?? '')?.[1];
  const isImplied = index.condition === null || wanted.includes(condition ?? '') || condition === via;
  // Both are compared by equality, so that either may come first.
  const [first, second, ...rest] = index.columns;
  const columns = first === column && second === 'account_id' ? [second, first, ...rest] : index.columns;
  return isImplied && wanted.every((name, at) => columns[at] === name);
}

it('names every table once', () => {
  const tables = sets.flatMap(({ personalData }) => Object.keys(personalData));
  expect(tables.filter((table, at) => tables.indexOf(table) !== at)).toEqual([]);
});

describe.each(engines)('the map of personal data on %s', (_, open) => {
  let engine: EnginePools;
  beforeAll(async () => {
    engine = await open();
  });
  afterAll(() => engine.close());
  const ask = async <R>(text: string): Promise<R[]> => (await engine.owner.use((session: Session) => session.query<R>(text))).rows;

  it('knows every column of every table, and no others', async () => {
    const tables = await ask<{ table: string; columns: string[] }>(COLUMNS);
    expect(tables.length).toBeGreaterThan(30);
    const faults = tables
      .filter(({ table }) => !MIGRATOR_TABLES.has(table))
      .flatMap(({ table, columns }) => {
        const known = map[table] === undefined ? [] : ['account_id', ...columnsOf(map[table])];
        return [
          ...columns
            .filter((column) => !known.includes(column) && column !== 'account_id')
            .map((column) => `unknown: ${table}.${column}. ${WHERE}`),
          ...known
            .filter((column) => column !== 'account_id' && !columns.includes(column))
            .map((column) => `not there any more: ${table}.${column}`),
          ...known.filter((column, at) => known.indexOf(column) !== at).map((column) => `named twice: ${table}.${column}`),
        ];
      });
    const there = new Set(tables.map(({ table }) => table));
    const gone = Object.keys(map).filter((table) => !there.has(table));
    expect([...faults, ...gone.map((table) => `not there any more: ${table}`)]).toEqual([]);
  });

  it('knows of every reference to a person that it is one', async () => {
    const known = new Set(
      Object.entries(map).flatMap(([table, { of = {}, ids }]) =>
        [...Object.keys(of), ...wordsOf(ids)].map((column) => `${table}.${column}`),
      ),
    );
    const references = (await ask<{ column: string }>(REFERENCES_TO_PEOPLE)).map(({ column }) => column);
    expect(references.length).toBeGreaterThan(20);
    expect(
      references.filter((column) => !known.has(column)).map((column) => `${column} refers to a person: name it in \`of\` or \`ids\``),
    ).toEqual([]);
  });

  it('clears and exports by columns that are there', async () => {
    const wrong = concerns.flatMap(({ table, place, erased, exported }) => {
      const known = columnsOf(map[table] ?? {});
      const named = [...(erased.is === 'cleared' ? Object.keys(erased.to) : []), ...wordsOf(exported?.by)];
      return named.filter((column) => !known.includes(column)).map((column) => `${place}: ${column}`);
    });
    expect(wrong).toEqual([]);
  });

  it('finds what it exports or erases of a person by an index', async () => {
    const indexes = await ask<Index>(INDEXES);
    const needing = concerns.filter(({ erased, exported }) => exported !== undefined || ['deleted', 'cleared'].includes(erased.is));
    const without = needing.filter(
      ({ table, column, via, exported }) => !indexes.some((index) => index.table === table && serves(index, column, via, exported)),
    );
    expect(
      without.map(
        ({ place, exported }) =>
          `${place} needs an index on (account_id, ${place.split('.')[1]}${exported?.few ? '' : `, ${exported?.by ?? '…'}`})`,
      ),
    ).toEqual([]);
  });

  it('may do what it says', async () => {
    type Grant = { role: string; table: string; may: string; column: string };
    const grants = await ask<Grant>(GRANTS);
    const may = (role: string, table: string, what: string, column: string) =>
      grants.some((grant) => grant.role === role && grant.table === table && grant.may === what && ['*', column].includes(grant.column));
    const missing = concerns.flatMap(({ table, erased }) => {
      if (erased.is === 'deleted') return may('coucou_app', table, 'DELETE', '*') ? [] : [`grant delete on ${table} to coucou_app`];
      if (erased.is !== 'cleared') return [];
      const role = erased.by === 'system' ? 'coucou_system' : 'coucou_app';
      return Object.keys(erased.to)
        .filter((column) => !may(role, table, 'UPDATE', column))
        .map((column) => `grant update (${column}) on ${table} to ${role}`);
    });
    expect(missing).toEqual([]);
  });
});
