import type { AccountId, ConversationId, UserId } from '@coucou/domain/kernel/ids';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { engines } from './engines.ts';
import { storageOn, counted, type TestStorage } from './test-storage.ts';
import { createGroup, createUsers, createPeople, expectStored, range, sendAll, sending } from '../support/fixtures.ts';

type Written = { messages: number; conversations: number; members: number; outbox: number };

/** Rows of the account whose present version was written by the transaction that stored the message. */
const WRITTEN = `
  with batch as (select xmin as x from message where id = $1)
  select (select count(*) from message, batch where message.xmin = x) as messages,
    (select count(*) from conversation_head, batch where conversation_head.xmin = x) as conversations,
    (select count(*) from member, batch where member.xmin = x) as members`;
const STAMPS = `
  select distinct h.conversation_id as id, h.active_at as last, m.created_at as of
  from conversation_head h join message m using (conversation_id)`;
const QUEUED = `select payload, xmin::text as x from outbox where account_id = $1 and type = 'message.posted' order by created_at`;

describe.each(engines)('the cost of a batch on %s', (_, open) => {
  let storage: TestStorage;
  beforeAll(async () => {
    storage = storageOn(await open());
  });
  afterAll(() => storage.close());

  const outbox = (account: AccountId) =>
    storage.ask<{ payload: { conversationId: ConversationId; messageIds: string[] }; x: string }>('coucou_system', account, QUEUED, [
      account,
    ]);

  async function written(account: AccountId, messageId: string): Promise<Written> {
    const [row] = await storage.ask<Omit<Written, 'outbox'>>('coucou_app', account, WRITTEN, [messageId]);
    if (row === undefined) throw new Error('no such message');
    return { ...row, outbox: (await outbox(account)).length };
  }

  /** Two groups of this many people; the first three of them send ten messages, seven to the first group. */
  async function batchAmong(size: number): Promise<Written> {
    const { account } = await createPeople(storage.uow);
    const people = await createUsers(
      storage.uow,
      account,
      range(1, size).map((i) => `p${i}`),
    );
    const [alice, bob, carol] = people as [UserId, UserId, UserId];
    const groups = [
      await createGroup(storage.uow, account, [alice, ...people.slice(1)]),
      await createGroup(storage.uow, account, [alice, ...people.slice(1)]),
    ] as const;
    const requests = range(0, 9).map((i) =>
      sending({
        accountId: account,
        conversationId: groups[i < 7 ? 0 : 1],
        senderId: i < 7 ? ([alice, bob, carol][i % 3] ?? alice) : alice,
      }),
    );
    const [first] = await sendAll(storage.createLog({ lanes: 1, announce: true }), requests);
    if (first === undefined) throw new Error('nothing was answered');
    return written(account, expectStored(first).id);
  }

  it('is a row per message, conversation and sender, whatever the number of members', async () => {
    const expected: Written = { messages: 10, conversations: 2, members: 4, outbox: 2 };
    expect(await batchAmong(3)).toEqual(expected);
    expect(await batchAmong(60)).toEqual(expected);
  });

  it('is one round trip', async () => {
    const { account, alice } = await createPeople(storage.uow, 'alice');
    const groups = await Promise.all(range(1, 5).map(() => createGroup(storage.uow, account, [alice])));
    const pool = counted(storage.logPool);
    const log = storage.createLog({ pool, lanes: 1 });
    const requests = range(1, 51).flatMap(() =>
      groups.map((conversationId) => sending({ accountId: account, conversationId, senderId: alice })),
    );
    await sendAll(log, requests);
    expect(pool.count).toEqual({ lent: 1, queries: 1 });
    // What is stamped in one statement is of one instant, or a later row could be older than the conversation's last.
    const times = await storage.ask<{ last: Date; of: Date }>('coucou_app', account, STAMPS);
    expect(times).toHaveLength(groups.length);
    expect(times.filter(({ last, of }) => last.getTime() !== of.getTime())).toEqual([]);
    await sendAll(log, requests);
    expect(pool.count).toEqual({ lent: 2, queries: 2 });
  });

  it('splits what does not fit into one', async () => {
    const { account, alice } = await createPeople(storage.uow, 'alice');
    const conversationId = await createGroup(storage.uow, account, [alice]);
    const pool = counted(storage.logPool);
    const log = storage.createLog({ pool, lanes: 1, batchSize: 10 });
    const results = await sendAll(
      log,
      range(1, 25).map(() => sending({ accountId: account, conversationId, senderId: alice })),
    );
    expect(results.map((result) => expectStored(result).seq)).toEqual(range(1, 25));
    expect(pool.count.queries).toBe(3);
  });

  it('is at most one row of the outbox per conversation, with its messages in order', async () => {
    const { account, alice } = await createPeople(storage.uow, 'alice');
    const groups = [await createGroup(storage.uow, account, [alice]), await createGroup(storage.uow, account, [alice])] as const;
    const log = storage.createLog({ lanes: 1, announce: true });
    const requests = range(0, 5).map((i) => sending({ accountId: account, conversationId: groups[i % 2 === 0 ? 0 : 1], senderId: alice }));
    await sendAll(log, requests);
    const idsOf = (conversationId: ConversationId) =>
      requests
        .map(({ draft }) => draft)
        .filter((draft) => draft.conversationId === conversationId)
        .map(({ id }) => id);
    const rows = await outbox(account);
    expect(new Set(rows.map((row) => row.x)).size).toBe(1);
    const payloads = rows.map((row) => row.payload).toSorted((a, b) => (a.conversationId < b.conversationId ? -1 : 1));
    expect(payloads).toEqual(
      groups.toSorted().map((conversationId) => ({ conversationId, messageIds: idsOf(conversationId), version: 2 })),
    );

    await sendAll(log, requests);
    expect(await outbox(account)).toHaveLength(2);
  });

  it('is nothing in the outbox when nobody subscribes', async () => {
    const { account, alice } = await createPeople(storage.uow, 'alice');
    const conversationId = await createGroup(storage.uow, account, [alice]);
    expectStored(await storage.log.append(sending({ accountId: account, conversationId, senderId: alice })));
    expect(await outbox(account)).toEqual([]);
  });
});
