import { randomUUID } from 'node:crypto';
import { createDataExport } from '@coucou/postgres/backup/data-export';
import { DamagedCopyError, importData, type ImportedData } from '@coucou/postgres/backup/data-import';
import { createPglitePool, type PglitePool } from '@coucou/postgres/kit/pglite-pool';
import { coreSchema } from '@coucou/postgres/schema/core-schema';
import { migrateTo } from '@coucou/postgres/schema/migrate';
import { migrationStatus } from '@coucou/postgres/schema/status';
import { createDataChecks } from '@coucou/postgres/verify/data-checks';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/** Two conversations, of which one has three messages, as the schema was before conversations had heads of their own. */
const names = Object.keys(coreSchema.migrations);
const OLDER = names.slice(0, names.indexOf('0041-conversation-heads'));
const [account, ann, ben, busy, quiet] = Array.from({ length: 5 }, () => randomUUID());
const ROWS = `
  set timezone = 'UTC';
  insert into account (account_id, name, client_key, created_at) values ('${account}', 'Acme', 'acme', '2026-01-01');
  insert into app_user (account_id, id, username, username_key, display_name, role, created_at)
  select '${account}', id::uuid, name, name, initcap(name), 'member', '2026-01-01' from (values ('${ann}', 'ann'), ('${ben}', 'ben')) p(id, name);
  insert into conversation (account_id, id, type, title, settings, created_by, created_at, version, access_version, member_count, changed_version)
  values ('${account}', '${busy}', 'group', 'Busy', '{}', '${ann}', '2026-01-02', 4, 1, 2, 1), ('${account}', '${quiet}', 'group', 'Quiet', '{}', '${ann}', '2026-01-02', 1, 1, 2, 1);
  insert into member (account_id, conversation_id, user_id, role, joined_at, joined_seq, delivered_seq, read_seq, unread_base, version)
  select '${account}', c::uuid, p::uuid, 'member', '2026-01-02', 0, 0, 0, 0, 1 from unnest(array['${busy}', '${quiet}']) c, unnest(array['${ann}', '${ben}']) p;
  insert into message (account_id, conversation_id, seq, id, sender_id, client_message_id, request_hash, type, content, count_seq, version, created_at)
  select '${account}', '${busy}', n, gen_random_uuid(), '${ann}', gen_random_uuid(), '\\x00', 'text', 'message ' || n, n, n + 1, timestamptz '2026-01-03' + n * interval '1 minute'
  from generate_series(1, 3) n;
  update conversation set last_seq = 3, countable = 3, last_message_at = '2026-01-03 00:03Z' where id = '${busy}';
  update member set delivered_seq = 3, read_seq = 3, unread_base = 3 where conversation_id = '${busy}' and user_id = '${ann}';
  insert into schema_function (schema_set, name, hash) values ('coucou', 'folding', 'of another version')`;

const pools: PglitePool[] = [];
async function empty(): Promise<PglitePool> {
  const pool = await createPglitePool({});
  pools.push(pool);
  return pool;
}

/** A copy as it is read from the older database. */
let copy: ImportedData;
beforeAll(async () => {
  const older = await empty();
  await older.use(async (session) => {
    await migrateTo(session, [], { coucou: OLDER });
    await session.script(ROWS);
  });
  copy = await createDataExport(older, []).read(async ({ description, tables, rowsOf }) => {
    const lines = new Map<string, string[]>();
    for (const table of tables) {
      const all: string[] = [];
      for await (const some of rowsOf(table)) all.push(...some);
      lines.set(table.name, all);
    }
    return {
      description,
      tables,
      rowsOf: async function* ({ name }) {
        yield lines.get(name) ?? [];
      },
    };
  });
});
afterAll(() => Promise.all(pools.map((pool) => pool.end())));

describe('a copy of an older schema', () => {
  it('is loaded as it was, and then brought to this version, folding included', async () => {
    const pool = await empty();
    const epoch = await pool.use((session) => importData(session, copy, { schemaSets: [], newEpoch: true }));
    expect(epoch).not.toBe(copy.description.epoch);
    expect(await pool.use((session) => migrationStatus(session, []))).toMatchObject({ pending: [], ahead: [] });
    const { rows } = await pool.use((session) =>
      session.query(
        `select c.title, h.last_seq, h.version, (select string_agg(content, ', ' order by seq) from message m where m.conversation_id = c.id) as messages
         from conversation c join conversation_head h on h.conversation_id = c.id order by c.title`,
      ),
    );
    expect(rows).toEqual([
      { title: 'Busy', last_seq: 3, version: 4, messages: 'message 1, message 2, message 3' },
      { title: 'Quiet', last_seq: 0, version: 1, messages: null },
    ]);
    const people = await pool.use((session) =>
      session.query('select username, name_grams is not null as searchable from app_user order by 1'),
    );
    expect(people.rows).toEqual([
      { username: 'ann', searchable: true },
      { username: 'ben', searchable: true },
    ]);
    const found: unknown[] = [];
    await createDataChecks(pool, [], 'turns').run((result) => void (result.found > 0 && found.push(result)));
    expect(found).toEqual([]);
  });
});

describe('a copy that is not what the schema has', () => {
  let target: PglitePool;
  beforeAll(async () => {
    target = await empty();
  });

  const message = () => copy.tables.find(({ name }) => name === 'message') as ImportedData['tables'][number];
  const changed = (change: Partial<ImportedData['tables'][number]>): ImportedData => ({
    ...copy,
    tables: copy.tables.map((table) => (table.name === 'message' ? { ...table, ...change } : table)),
  });

  it.each<[string, () => ImportedData, RegExp]>([
    [
      'a table that there is not',
      () => ({ ...copy, tables: [...copy.tables, { ...message(), name: 'message; drop table account' }] }),
      /no table message; drop table account/,
    ],
    ['a column that there is not', () => changed({ columns: [...message().columns, 'seq, (select 1)'] }), /no column seq, \(select 1\)/],
    ['fewer rows', () => changed({ rows: 4 }), /3 rows of message, and should have 4/],
    ['a table less', () => ({ ...copy, tables: copy.tables.filter(({ name }) => name !== 'message') }), /lacks the table message/],
  ])('is refused with %s, and leaves nothing', async (_, damaged, fault) => {
    const loading = target.use((session) => importData(session, damaged(), { schemaSets: [], newEpoch: true }));
    await expect(loading).rejects.toThrow(DamagedCopyError);
    await expect(loading).rejects.toThrow(fault);
    const { rows } = await target.use((session) => session.query('select name from account union all select username from app_user'));
    expect(rows).toEqual([]);
  });
});
