import type { MessageId } from '@coucou/domain/kernel/ids';
import { kyselyOn, type SessionPool, setAccount } from '@coucou/postgres/kit/session';
import { createMessageIndexRepository } from '@coucou/postgres/messages/message-index-repository';
import { createNotificationRepository } from '@coucou/postgres/notifications/notification-repository';
import type { Tables } from '@coucou/postgres/tables';
import { createPgPool } from '@coucou/postgres/kit/pg-pool';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { createDatabase } from '../support/database.ts';
import { createAccount, createGroup, createPeople, createUsers, range, sending } from '../support/fixtures.ts';
import type { Database } from '../support/template.ts';
import { openPostgres } from './engines.ts';
import { storageOn } from './test-storage.ts';

type Key = Readonly<{ name: string; table: string; columns: readonly string[]; types: readonly string[]; index: string }>;
type Plan = Readonly<{ 'Node Type': string; 'Index Name'?: string; Plans?: readonly Plan[] }>;

/** Every foreign key, the columns it looks up, and the index that makes them unique. */
const KEYS = `
  select k.conrelid::regclass || ' ' || k.conname as name, k.confrelid::regclass::text as table, i.relname as index,
    array(select a.attname::text from unnest(k.confkey) with ordinality u(n, o) join pg_attribute a on a.attrelid = k.confrelid and a.attnum = u.n order by u.o) as columns,
    array(select format_type(a.atttypid, null) from unnest(k.confkey) with ordinality u(n, o) join pg_attribute a on a.attrelid = k.confrelid and a.attnum = u.n order by u.o) as types
  from pg_constraint k join pg_class i on i.oid = k.conindid where k.contype = 'f' order by 1`;

let database: Database;
let pool: SessionPool;
beforeAll(async () => {
  database = await createDatabase();
  // As nobody whom policies bind: the database looks up what a row refers to without them.
  const url = new URL(inject('databases').adminUrl);
  url.pathname = new URL(database.url).pathname;
  pool = createPgPool({ url: url.href, max: 1 });
  await pool.use((session) => session.script('set plan_cache_mode = force_generic_plan'));
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

/** By which indexes a statement finds its rows, as its own plan without values has it. */
async function indexesOf(statement: string, types: readonly string[]): Promise<readonly (string | undefined)[]> {
  return pool.use(async (session) => {
    await session.script(`prepare looked_up(${types.join(', ')}) as ${statement}`);
    const nothing = types.map(() => 'null').join(', ');
    const { rows } = await session.query<{ 'QUERY PLAN': [{ Plan: Plan }] }>(`explain (format json) execute looked_up(${nothing})`);
    await session.script('deallocate looked_up');
    const all = (plan: Plan): Plan[] => [plan, ...(plan.Plans ?? []).flatMap(all)];
    return rows
      .flatMap((row) => row['QUERY PLAN'].flatMap(({ Plan: plan }) => all(plan).map((node) => node['Index Name'])))
      .filter(Boolean);
  });
}

/** What the database asks for itself when a row that refers to another is written. */
const referred = ({ table, columns }: Key): string =>
  `select 1 from only ${table} x where ${columns.map((column, at) => `x.${column} = $${at + 1}`).join(' and ')} for key share of x`;

it('are found by the conversation who its members are, before there are any statistics', async () => {
  const storage = storageOn(openPostgres(database));
  const account = await createAccount(storage.uow);
  const [owner, ...others] = await createUsers(
    storage.uow,
    account,
    range(1, 50).map((at) => `person-${at}`),
  );
  if (owner === undefined) throw new Error('nobody');
  for (let groups = 0; groups < 60; groups += 1) await createGroup(storage.uow, account, [owner, ...others]);
  await storage.close();
  // As policies compare the account, and as syncs ask for several conversations.
  const members = `
    select m.* from unnest($1::uuid[]) k(id) cross join lateral (
      select * from member m where m.account_id = nullif(current_setting('app.account_id', true), '')::uuid and m.conversation_id = k.id
        and m.left_at is null and m.joined_at is not null and m.receipts_at > 0
    ) m`;
  // Those of a person's memberships would be read for the whole account.
  expect(await indexesOf(members, ['uuid[]'])).toEqual([expect.stringMatching(/^member_(pkey|joined)$/)]);
});

it('is known by its key what a row refers to, before there are any statistics', async () => {
  const { rows: keys } = await pool.use((session) => session.query<Key>(KEYS));
  expect(keys.length).toBeGreaterThan(50);
  const strayed: string[] = [];
  for (const key of keys) {
    const indexes = await indexesOf(referred(key), key.types);
    if (indexes.length !== 1 || indexes[0] !== key.index)
      strayed.push(`${key.name} → ${key.table} by ${indexes.join(', ') || 'reading it all'}`);
  }
  expect(strayed).toEqual([]);
});

it.each([
  ['a message that changes', 'account_id = $1 and conversation_id = $2 and seq = $3'],
  [
    'a message that is indexed again',
    `account_id = nullif(current_setting('app.account_id', true), '')::uuid and conversation_id = $2 and seq = $3`,
  ],
])('is taken out of the search by its key: %s', async (_, conditions) => {
  const statement = `delete from message_search where ${conditions}`;
  expect(await indexesOf(statement, ['uuid', 'uuid', 'bigint'])).toEqual(['message_search_pkey']);
});

it('reads just the messages whose effects run, however many the account has', async () => {
  const storage = storageOn(openPostgres(database));
  const { uow, log } = storage;
  const { account: accountId, alice } = await createPeople(uow, 'alice');
  const conversationId = await createGroup(uow, accountId, [alice]);
  const ids: MessageId[] = [];
  for (const at of range(1, 300)) {
    const request = sending({ accountId, conversationId, senderId: alice, content: `message ${at}` });
    await log.append(request);
    ids.push(request.draft.id);
  }
  const some = ids.slice(0, 5);
  const read = await storage.main.use(async (session) => {
    await session.script(`begin; ${setAccount(accountId)}`);
    const db = kyselyOn<Tables>(session.query);
    await createMessageIndexRepository(db).index(some);
    // A second time each has an entry, which is replaced.
    await createMessageIndexRepository(db).index(some);
    await createNotificationRepository(db).concerning(some);
    const { rows } = await session.query<{ read: number }>(
      `select coalesce(idx_tup_fetch, 0) + seq_tup_read as read from pg_stat_xact_user_tables where relname = 'message'`,
    );
    await session.script('rollback');
    return rows[0]?.read;
  });
  await storage.close();
  // Each is found by its id, locked at its place, and referred to by its entry; twice indexed and once looked at.
  expect(read).toBeLessThanOrEqual(7 * some.length);
  expect(read).toBeGreaterThan(0);
});
