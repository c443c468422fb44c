import type { DataDescription, TableShape } from '@coucou/application/ports/data-export';
import { createDataExport } from '@coucou/postgres/backup/data-export';
import { DamagedCopyError, type ImportedData, importData, isInUse } from '@coucou/postgres/backup/data-import';
import { createPgPool } from '@coucou/postgres/kit/pg-pool';
import type { SessionPool } from '@coucou/postgres/kit/session';
import { coreSchema } from '@coucou/postgres/schema/core-schema';
import { migrateTo } from '@coucou/postgres/schema/migrate';
import { createDataChecks } from '@coucou/postgres/verify/data-checks';
import { schemaSets } from '@coucou/server/composition/features';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { asAdmin, createDatabase } from '../support/database.ts';
import type { Database } from '../support/template.ts';

type Table = TableShape & Readonly<{ rows: number; lines: readonly string[] }>;
type Copy = Readonly<{ description: DataDescription; tables: readonly Table[]; others: readonly string[] }>;

const opened: { pool: SessionPool; database: Database | undefined }[] = [];
afterAll(async () => {
  for (const { pool } of opened) await pool.end();
  for (const { database } of opened) await database?.drop();
});
function poolOf(url: string, database?: Database): SessionPool {
  const pool = createPgPool({ url, max: 1, statementTimeout: 600, lockTimeout: 600 });
  opened.push({ pool, database });
  return pool;
}
/** An empty database: by its owner, and by who sees every row. */
async function emptyDatabase() {
  const database = await createDatabase({ empty: true });
  return { owner: poolOf(database.ownerUrl, database), admin: poolOf(asAdmin(database.url)) };
}

/** All rows of a database, as a back-up holds them. */
const copyOf = (admin: SessionPool): Promise<Copy> =>
  createDataExport(admin, schemaSets).read(async ({ description, tables, others, rowsOf }) => {
    const copied: Table[] = [];
    for (const table of tables) {
      const lines: string[] = [];
      for await (const batch of rowsOf(table)) lines.push(...batch);
      copied.push({ ...table, lines });
    }
    return { description, tables: copied, others };
  });

const load = (owner: SessionPool, { description, tables }: Copy): Promise<string> => {
  const data: ImportedData = {
    description,
    tables,
    async *rowsOf({ name }) {
      const lines = tables.find((table) => table.name === name)?.lines ?? [];
      if (lines.length > 0) yield lines;
    },
  };
  return owner.use((session) => importData(session, data, { schemaSets, newEpoch: true }));
};

const ACCOUNT = '00000000-0000-4000-8000-0000000000aa';
const [ANN, BEN] = ['00000000-0000-4000-8000-0000000000b1', '00000000-0000-4000-8000-0000000000b2'];
const CONVERSATION = '00000000-0000-4000-8000-0000000000cc';
const MESSAGE = '00000000-0000-4000-8000-0000000000dd';
/** Two people and a message, in a schema of before. */
const OF_BEFORE = `
  insert into account (account_id, name, client_key, created_at) values ('${ACCOUNT}', 'Acme', 'acme', now());
  insert into app_user (account_id, id, username, username_key, display_name, display_name_key, role, created_at)
    select '${ACCOUNT}', p.id::uuid, p.name, lower(p.name), p.name, lower(p.name), 'member', now()
    from (values ('${ANN}', 'Ann'), ('${BEN}', 'Ben')) p(id, name);
  insert into conversation (account_id, id, type, settings, direct_lower, direct_higher, created_by, created_at, member_count, changed_version)
    values ('${ACCOUNT}', '${CONVERSATION}', 'direct', '{}', '${ANN}', '${BEN}', '${ANN}', now(), 2, 1);
  insert into conversation_head (account_id, conversation_id, last_seq, version, receipts_version, access_version, countable, active_at)
    values ('${ACCOUNT}', '${CONVERSATION}', 1, 2, 0, 1, 1, now());
  insert into member (account_id, conversation_id, user_id, role, joined_at, joined_seq, delivered_seq, read_seq, unread_base, own_since, version)
    values ('${ACCOUNT}', '${CONVERSATION}', '${ANN}', 'member', now(), 0, 0, 0, 0, 1, 1),
      ('${ACCOUNT}', '${CONVERSATION}', '${BEN}', 'member', now(), 0, 0, 0, 0, 0, 1);
  insert into message (account_id, conversation_id, seq, id, sender_id, client_message_id, request_hash, type, content, count_seq, version, created_at)
    values ('${ACCOUNT}', '${CONVERSATION}', 1, '${MESSAGE}', '${ANN}', '${MESSAGE}', '\\x00', 'text', 'of before', 1, 2, now());`;

/** The last migration of the core that the back-up of an older version has; of packages it has none. */
const LAST = '0043-node-redis';

let older: Copy;
beforeAll(async () => {
  const { owner, admin } = await emptyDatabase();
  const migrations = Object.keys(coreSchema.migrations).filter((name) => name <= LAST);
  await owner.use((session) => migrateTo(session, schemaSets, { coucou: migrations }));
  await admin.use((session) => session.script(OF_BEFORE));
  const copy = await copyOf(admin);
  older = { ...copy, description: { ...copy.description, folding: 'of before' } };
});

describe('a back-up of an older schema', () => {
  it('is loaded as it was, and brought to the schema of this version', async () => {
    expect(older.description.migrations).toMatchObject({ coucou: expect.not.arrayContaining(['0044-joined-versions']) });
    const { owner, admin } = await emptyDatabase();
    await load(owner, older);
    const faults: unknown[] = [];
    await createDataChecks(owner, schemaSets, 'owner').run((result) => result.found > 0 && faults.push(result));
    expect(faults).toEqual([]);
    const now = await copyOf(admin);
    expect(now.description.migrations['coucou']).toEqual(Object.keys(coreSchema.migrations).toSorted());
    const rows = (copy: Copy, name: string) => copy.tables.find((table) => table.name === name);
    for (const { name, lines, columns } of older.tables.filter((table) => table.lines.length > 0 && table.name !== 'deployment')) {
      const table = rows(now, name);
      // Each value that was there, in whatever place its column is now; what the search holds is folded again.
      const stored = columns.filter((column) => column !== 'name_grams');
      const valuesIn = (line: string, of: readonly string[]) => stored.map((column) => JSON.parse(line)[of.indexOf(column)]);
      expect([name, (table?.lines ?? []).map((line) => valuesIn(line, table?.columns ?? []))]).toEqual([
        name,
        lines.map((line) => valuesIn(line, columns)),
      ]);
    }
  });
});

describe('a back-up that was made to do harm', () => {
  let target: Awaited<ReturnType<typeof emptyDatabase>>;
  beforeAll(async () => {
    target = await emptyDatabase();
  });
  const withTable = (name: string, change: (table: Table) => Table | undefined): Copy => ({
    ...older,
    tables: older.tables.flatMap((table) => (table.name === name ? (change(table) ?? []) : table)),
  });
  const extra = (name: string): Copy => ({ ...older, tables: [...older.tables, { name, columns: ['id'], rows: 0, lines: [] }] });
  const first = ({ lines: [line] }: Table): unknown[] => JSON.parse(line ?? '[]');
  const ofLine = (change: (values: unknown[], table: Table) => unknown) => (table: Table) => ({
    ...table,
    lines: [JSON.stringify(change(first(table), table)), ...table.lines.slice(1)],
  });

  it.each<[string, () => Copy, RegExp]>([
    ['a table that is not there', () => extra('pg_authid'), /no table pg_authid/],
    ['a statement for a table', () => extra('account; drop table account'), /no table/],
    ['the records of migrations', () => extra('coucou_migration'), /no table coucou_migration/],
    [
      'a statement for a column',
      () => withTable('account', (table) => ({ ...table, columns: ['name) select version(); --', ...table.columns.slice(1)] })),
      /has no column/,
    ],
    [
      'a column of the system',
      () => withTable('account', (table) => ({ ...table, columns: ['ctid', ...table.columns.slice(1)] })),
      /has no column ctid/,
    ],
    ['a column less', () => withTable('member', (table) => ({ ...table, columns: table.columns.slice(0, -1) })), /lacks the column/],
    ['a table less', () => withTable('message', () => undefined), /lacks the table message/],
    ['a row less', () => withTable('message', (table) => ({ ...table, lines: [] })), /has 0 rows of message, and should have 1/],
    ['a row more', () => withTable('message', (table) => ({ ...table, lines: [...table.lines, ...table.lines] })), /message/],
    ['two rows in one line', () => withTable('outbox', (table) => ({ ...table, lines: ['["a"],["b"]'] })), /outbox/],
    [
      'a row that ends the statement',
      () => withTable('account', (table) => ({ ...table, lines: [`'; drop table account; --`] })),
      /account/,
    ],
    [
      'a row with a value less',
      () =>
        withTable(
          'account',
          ofLine((values) => values.slice(0, -1)),
        ),
      /rows of account do not have one value for each column/,
    ],
    ['a row that is no array', () => withTable('account', (table) => ({ ...table, lines: ['{"name":"x"}'] })), /account/],
    ['a row that is no JSON', () => withTable('account', (table) => ({ ...table, lines: ['['] })), /account/],
    [
      'a value of another type',
      () =>
        withTable(
          'account',
          ofLine((values) => ['no id', ...values.slice(1)]),
        ),
      /account/,
    ],
    ['a message of nobody', () => withTable('app_user', (table) => ({ ...table, rows: 0, lines: [] })), /copied|stored|row/],
    ['no epoch', () => withTable('deployment', (table) => ({ ...table, rows: 0, lines: [] })), /has no epoch/],
    ['an id twice', () => withTable('account', (table) => ({ ...table, rows: 2, lines: [...table.lines, ...table.lines] })), /account/],
  ])('is refused with %s, and nobody is there', async (_what, copy, why) => {
    const error: unknown = await load(target.owner, copy()).then(
      () => 'it was accepted',
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(DamagedCopyError);
    expect((error as Error).message).toMatch(why);
    expect(await target.owner.use(isInUse)).toBe(false);
  });

  it('is refused by a database that another application uses, and that keeps its rows', async () => {
    const { owner, admin } = await emptyDatabase();
    await owner.use((session) => session.script('create table invoice (id integer primary key); insert into invoice values (1)'));
    await expect(load(owner, older)).rejects.toThrow(/lacks the table invoice, or the database is used by another application/);
    expect((await admin.use((session) => session.query('select id from invoice'))).rows).toEqual([{ id: 1 }]);
  });

  it('leaves a database that takes another', async () => {
    await load(target.owner, older);
    expect(await target.owner.use(isInUse)).toBe(true);
    // A copy with a table that no migration creates could not be restored.
    await target.owner.use((session) => session.script('create table invoice (id integer primary key)'));
    const { tables, others } = await copyOf(target.admin);
    expect([tables.some(({ name }) => name === 'invoice'), others]).toEqual([false, ['invoice']]);
  });
});
