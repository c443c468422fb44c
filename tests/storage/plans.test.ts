import type { AccountId, ConversationId, UserId } from '@coucou/domain/kernel/ids';
import { createNotificationRepository } from '@coucou/postgres/notifications/notification-repository';
import { createMessageRepository } from '@coucou/postgres/messages/message-repository';
import { kyselyOn, type Session, type SessionPool, setAccount } from '@coucou/postgres/kit/session';
import type { Tables } from '@coucou/postgres/tables';
import { createConversationReader } from '@coucou/postgres/conversations/conversation-reader';
import { createMessageReader } from '@coucou/postgres/messages/message-reader';
import { createSyncReader } from '@coucou/postgres/sync/sync-reader';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDatabase } from '../support/database.ts';
import type { Database } from '../support/template.ts';
import { openPostgres } from './engines.ts';
import { spelledOut } from './explaining.ts';
import { askSync } from './sync-client.ts';
import { storageOn, type TestStorage } from './test-storage.ts';
import { createGroup, createUsers, createPeople, expectStored, range, sendAll, sending } from '../support/fixtures.ts';

type Node = { 'Node Type': string; 'Relation Name'?: string; 'Index Name'?: string; 'Index Cond'?: string; Plans?: Node[] };

let database: Database;
let storage: TestStorage;
let account: AccountId;
let alice: UserId;
let busy: ConversationId;
let crowd: UserId[];

/** Alice in forty groups of thirty people; 20,000 messages over them, a quarter of them in one. */
beforeAll(async () => {
  database = await createDatabase();
  storage = storageOn(openPostgres(database));
  ({ account, alice } = await createPeople(storage.uow, 'alice'));
  crowd = await createUsers(
    storage.uow,
    account,
    range(1, 60).map((i) => `p${i}`),
  );
  const groups: ConversationId[] = [];
  for (const i of range(0, 39)) groups.push(await createGroup(storage.uow, account, [alice, ...crowd.slice(i % 30, (i % 30) + 30)]));
  [busy] = groups as [ConversationId];
  for (const _ of range(1, 20)) {
    const batch = range(1, 1000).map((i) =>
      sending({ accountId: account, conversationId: i % 4 === 0 ? busy : (groups[i % 40] ?? busy), senderId: alice }),
    );
    await sendAll(storage.log, batch);
  }
  await storage.owner.use((session) => session.script('analyze'));
});
afterAll(async () => {
  await storage.close();
  await database.drop();
});

const nodes = (node: Node): Node[] => [node, ...(node.Plans ?? []).flatMap(nodes)];

/** The plans of everything that a reader asks, as the role that asks it. */
function explaining(pool: SessionPool): { pool: SessionPool; plans: Node[][] } {
  const plans: Node[][] = [];
  const explain = (session: Session): Session => ({
    db: session.db,
    script: (text) => session.script(text),
    inAccount: spelledOut,
    async query(text, params) {
      // Both are on their way before the commit.
      const explained = session.query<{ 'QUERY PLAN': [{ Plan: Node }] }>(`explain (format json) ${text}`, params);
      const answered = session.query<never>(text, params);
      const { rows } = await explained;
      plans.push(...rows.flatMap((row) => row['QUERY PLAN'].map(({ Plan }) => nodes(Plan))));
      return answered;
    },
  });
  return { plans, pool: { use: (work) => pool.use((session) => work(explain(session))), end: () => pool.end() } };
}

/** Reads that would touch every row of a table that grows. */
const scans = (plans: Node[][]) =>
  plans.flat().filter((node) => node['Node Type'] === 'Seq Scan' && ['message', 'member'].includes(node['Relation Name'] ?? ''));
/** What an index is asked for. A condition that is missing here is checked row by row, on as many rows as the others leave. */
const conditionsOn = (index: string, plans: Node[][]) =>
  plans.flat().flatMap((node) => (node['Index Name'] === index ? [node['Index Cond'] ?? 'none'] : []));

/** Goes through everything that somebody has hidden in a conversation, where each message is to be looked up by its key. */
const hiddenAtOnce = (plans: Node[][]) => conditionsOn('hide_pkey', plans).filter((condition) => !/seq = /.test(condition));

describe('with twenty thousand messages', () => {
  it.each([
    ['the newest', { limit: 50 }],
    ['before a place deep down', { limit: 50, before: 2500 }],
    ['after a place', { limit: 50, after: 2500 }],
    ['around a place', { limit: 50, around: 2500 }],
    ['before a time', { limit: 50, before: new Date('2100-01-01') }],
    ['after a time', { limit: 50, after: new Date('2000-01-01') }],
    ['around a time', { limit: 50, around: new Date('2026-01-01') }],
  ])('history, %s, reads by index', async (_, request) => {
    const { pool, plans } = explaining(storage.main);
    expect((await createMessageReader(pool).history(account, alice, busy, request))?.items.length).toBeGreaterThan(20);
    expect(plans).toHaveLength(1);
    expect(scans(plans)).toEqual([]);
    // One range for each side of the place, and the messages referred to, one at a time.
    const conditions = conditionsOn('message_pkey', plans);
    const ranges = conditions.filter((condition) => !/seq = /.test(condition));
    expect(ranges.length).toBeGreaterThan(0);
    for (const condition of ranges) expect(condition).toMatch(/account_id = .*conversation_id = .*seq > .*seq (<|>=?) /);
    for (const condition of conditions) expect(condition).toMatch(/account_id = .*conversation_id = .*seq /);
    expect(hiddenAtOnce(plans)).toEqual([]);
  });

  it('the list of conversations reads by index, first page and next', async () => {
    const { pool, plans } = explaining(storage.main);
    const reader = createConversationReader(pool);
    const first = await reader.list(account, alice, { limit: 10, cursor: undefined });
    const next = await reader.list(account, alice, { limit: 10, cursor: first.nextCursor });
    expect([first.items.length, next.items.length]).toEqual([10, 10]);
    expect(plans).toHaveLength(2);
    expect(scans(plans)).toEqual([]);
  });

  it('a message is found by its key, whatever is done with it, in a conversation that no statistics know of too', async () => {
    const group = await createGroup(storage.uow, account, [alice, ...crowd], { settings: { history: 'joined' } });
    const post = () => sending({ accountId: account, conversationId: group, senderId: alice });
    const first = expectStored(await storage.log.append(post()));
    await sendAll(storage.log, range(1, 1_000).map(post));
    const { pool, plans } = explaining(storage.main);
    const named = { replyToId: first.id, threadRootId: undefined, attachmentIds: [], mentions: [] };
    const { replyTo } = await createMessageReader(pool).references(account, alice, group, named);
    expect(replyTo).toMatchObject({ content: 'hello' });
    expect(await createMessageReader(pool).findMany(account, alice, [first.id])).toMatchObject([{ id: first.id }]);
    await storage.main.use(async (session) => {
      const db = kyselyOn<Tables>(async (text, params) => {
        const { rows } = await session.query<{ 'QUERY PLAN': [{ Plan: Node }] }>(`explain (format json) ${text}`, params);
        plans.push(...rows.map((row) => nodes(row['QUERY PLAN'][0].Plan)));
        return { rows: [], rowCount: 0 };
      });
      await session.script(`begin; ${setAccount(account)}`);
      const conversation = await storage.uow.read(account, (tx) => tx.conversations.lookup(group));
      if (conversation !== undefined) await createMessageRepository(db).open(conversation, first.id, alice);
      await createNotificationRepository(db).concerned(group, first.id, 200);
      await session.script('rollback');
    });
    const request = post();
    await storage.log.append(request);
    await storage.createLog({ readPool: pool }).findSent(request.draft, request.asSent);
    expect(plans).toHaveLength(5);
    const byId = expect.stringMatching(/account_id = .*\bid = /);
    expect(conditionsOn('message_id', plans)).toEqual([byId, byId, byId, byId]);
    expect(conditionsOn('message_sent_once', plans)).toHaveLength(1);
    // Besides, one message that another refers to, each by its whole key.
    expect(conditionsOn('message_pkey', plans).filter((condition) => !/seq = /.test(condition))).toEqual([]);
  });

  it('who may see what is replied to is asked of those who are there, not of all who ever were', async () => {
    const group = await createGroup(storage.uow, account, [alice, ...crowd], { settings: { history: 'joined' } });
    const first = expectStored(await storage.log.append(sending({ accountId: account, conversationId: group, senderId: alice })));
    const leave = 'update member set left_at = now() where conversation_id = $1 and user_id <> $2';
    await storage.ask('coucou_app', account, leave, [group, alice]);
    await storage.owner.use((session) => session.script('vacuum analyze member'));
    const { pool, plans } = explaining(storage.main);
    // With somebody mentioned: nobody at all would be looked up anywhere.
    const named = { replyToId: first.id, threadRootId: undefined, attachmentIds: [], mentions: [alice] };
    const { replyTo } = await createMessageReader(pool).references(account, alice, group, named);
    expect(replyTo).toMatchObject({ content: 'hello' });
    expect(conditionsOn('member_joined', plans)).toHaveLength(1);
  });

  it('sync reads by index', async () => {
    const { pool, plans } = explaining(storage.main);
    const request = { conversations: [{ id: busy, version: 4000 }], limit: 100 };
    const page = await askSync(createSyncReader(pool, 'epoch'), account, alice, request);
    expect(page.conversations[0]).toMatchObject({ hasMore: true });
    expect(scans(plans)).toEqual([]);
    expect(hiddenAtOnce(plans)).toEqual([]);
    expect(conditionsOn('message_version', plans)).toEqual([expect.stringMatching(/account_id = .*conversation_id = .*version > /)]);
  });
});
