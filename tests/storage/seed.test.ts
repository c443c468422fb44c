import { type AccountId, asId } from '@coucou/domain/kernel/ids';
import { seedBulk } from '@coucou/postgres/seed/seed';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDatabase } from '../support/database.ts';
import type { Database } from '../support/template.ts';
import { openPostgres } from './engines.ts';
import { storageOn, type TestStorage } from './test-storage.ts';
import { expectStored, sendAll, sending } from '../support/fixtures.ts';

let database: Database;
let storage: TestStorage;
beforeAll(async () => {
  database = await createDatabase();
  storage = storageOn(openPostgres(database));
});
afterAll(async () => {
  await storage.close();
  await database.drop();
});

const seed = (size: number) =>
  seedBulk({ ownerUrl: database.ownerUrl, size, readers: [{ username: 'ruth', conversations: 40, passwordHash: 'none' }] });

/** Rows that contradict what the product keeps true; none is right. */
const CONTRADICTIONS: Readonly<Record<string, string>> = {
  'seq, version and count_seq': `
    select 1 from (
      select x.*, row_number() over w as place, count(*) filter (where x.type <> 'system' and x.thread_root_seq is null) over w as counted
      from message x window w as (partition by x.conversation_id order by x.seq)
    ) x where x.seq <> x.place or x.version <> x.seq + 1 or x.count_seq <> x.counted`,
  'counters of conversations': `
    select 1 from conversation c full join conversation_head h on h.conversation_id = c.id cross join lateral (
      select count(*) as messages, count(*) filter (where x.thread_root_seq is null) as countable, max(x.created_at) as newest
      from message x where x.conversation_id = c.id
    ) x where c.id is null or h.last_seq is distinct from x.messages or h.version <> x.messages + 1 or h.countable <> x.countable
      or h.active_at <> coalesce(x.newest, c.created_at) or c.member_count <> (select count(*) from member m where m.conversation_id = c.id)`,
  'unread by subtraction': `
    select 1 from member m join conversation_head h using (conversation_id)
    where h.countable - m.unread_base - m.own_since <> (
      select count(*) from message x where x.conversation_id = m.conversation_id and x.seq > m.read_seq and x.sender_id <> m.user_id and x.thread_root_seq is null)`,
  'times that go back': `
    select 1 from message x join message y on y.conversation_id = x.conversation_id and y.seq = x.seq + 1 where y.created_at < x.created_at`,
  reactions: `
    select 1 from message x where x.reactions <> coalesce((
      select jsonb_object_agg(r.emoji, r.many) from (
        select emoji, count(*) as many from reaction r where r.conversation_id = x.conversation_id and r.seq = x.seq group by emoji) r), '{}')`,
  threads: `
    select 1 from message x cross join lateral (
      select count(*) as replies, max(y.seq) as newest from message y where y.conversation_id = x.conversation_id and y.thread_root_seq = x.seq
    ) y where x.reply_count <> y.replies or x.last_reply_seq is distinct from y.newest or (x.thread_root_seq is not null and y.replies > 0)`,
  mentions: `
    select 1 from message x where cardinality(x.mentions) <> (select count(*) from mention n where n.conversation_id = x.conversation_id and n.seq = x.seq)`,
  'people who are no members': `
    select 1 from message x where not exists (select from member m where m.conversation_id = x.conversation_id and m.user_id = x.sender_id)`,
  'entries of the search': `
    select 1 from message x left join message_search s on s.conversation_id = x.conversation_id and s.seq = x.seq where s.seq is null`,
};

describe('a seeded database', () => {
  let account: AccountId;
  let conversation: string;

  const count = async (): Promise<number> => {
    const rows = await storage.ask<{ last_seq: number }>(
      'coucou_app',
      account,
      'select last_seq from conversation_head where conversation_id = $1',
      [conversation],
    );
    return rows[0]?.last_seq ?? 0;
  };

  it('is filled once, and grows to the size asked for, whoever talked meanwhile', async () => {
    const first = await seed(2_500);
    account = asId(first.account);
    ({ conversation } = first);
    expect(first.posted).toBe(2_500);
    expect((await seed(2_500)).posted).toBe(0);
    const sender = asId<'user'>(first.readers.get('ruth') ?? '');
    const [result] = await sendAll(storage.log, [sending({ accountId: account, conversationId: asId(conversation), senderId: sender })]);
    if (result === undefined) throw new Error('nothing was answered');
    expect(expectStored(result).seq).toBe(2_501);
    await storage.ask(
      'coucou_app',
      account,
      `insert into message_search select account_id, conversation_id, seq, sender_id, created_at, content, '' from message where seq = 2501`,
    );
    expect((await seed(3_000)).posted).toBe(499);
    expect(await count()).toBe(3_000);
  });

  it.each(Object.entries(CONTRADICTIONS))('holds no contradiction in %s', async (_, contradiction) => {
    expect(await storage.ask('coucou_app', account, `${contradiction} limit 5`)).toEqual([]);
  });
});
