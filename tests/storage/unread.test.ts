import type { AccountId, ConversationId, UserId } from '@coucou/domain/kernel/ids';
import type { Message } from '@coucou/domain/messages/message';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPglite } from './engines.ts';
import { storageOn, type TestStorage } from './test-storage.ts';
import { admit, createGroup, createPeople, expectStored, remove, sendAll, sending } from '../support/fixtures.ts';

let storage: TestStorage;
beforeAll(async () => {
  storage = storageOn(await openPglite());
});
afterAll(() => storage.close());

type Row = { user_id: UserId; read_seq: number; delivered_seq: number; joined_seq: number; last_seq: number; unread: number };

/** The definition, counted out: countable messages after the mark, not sent by oneself. */
const BRUTE_FORCE = `
  select m.user_id, m.read_seq, m.delivered_seq, m.joined_seq, h.last_seq,
    (select count(*) from message x where x.conversation_id = m.conversation_id and x.seq > m.read_seq
      and x.sender_id <> m.user_id and x.type <> 'system') as unread
  from member m join conversation_head h using (account_id, conversation_id)
  where m.conversation_id = $1 and m.left_at is null`;

/** What reading up to a message means for the three columns that carry a mark. */
const READ = `
  update member m set read_seq = $3, delivered_seq = greatest(m.delivered_seq, $3),
    unread_base = (select x.count_seq from message x where x.conversation_id = $1 and x.seq = $3),
    own_since = (select count(*) from message x where x.conversation_id = $1 and x.seq > $3 and x.sender_id = $2 and x.type <> 'system')
  where m.conversation_id = $1 and m.user_id = $2 and m.read_seq < $3`;

const COUNTED = `
  select count_seq, (count(*) filter (where type <> 'system') over (order by seq)) as expected
  from message where conversation_id = $1 order by seq`;

type Step =
  | { kind: 'send'; messages: readonly { who: number; system: boolean }[] }
  | { kind: 'read'; who: number; place: number }
  | { kind: 'come or go' };

const who = fc.nat({ max: 2 });
const sends = fc.record({
  kind: fc.constant('send' as const),
  messages: fc.array(fc.record({ who, system: fc.boolean() }), { minLength: 1, maxLength: 6 }),
});
const reads = fc.record({ kind: fc.constant('read' as const), who, place: fc.double({ min: 0, max: 1, noNaN: true }) });
const comings = fc.constant({ kind: 'come or go' as const });
const steps: fc.Arbitrary<Step[]> = fc.array(fc.oneof({ arbitrary: sends, weight: 4 }, { arbitrary: reads, weight: 2 }, comings), {
  minLength: 1,
  maxLength: 12,
});

/** A group whose steps are followed and checked one by one. */
function follow(account: AccountId, id: ConversationId, people: readonly [UserId, UserId, UserId], dan: UserId) {
  let accessVersion = 1;
  let danIsIn = false;
  let marks = new Map<UserId, Row>();
  const said: { seq: number; by: UserId; countable: boolean }[] = [];

  /** Sending moves one's own mark when nothing of others that counts is unread before it: one message after the other. */
  function say(readSeqs: Map<UserId, number>, { seq, senderId: by, type }: Message): void {
    const upTo = readSeqs.get(by) ?? 0;
    if (!said.some((each) => each.seq > upTo && each.by !== by && each.countable)) readSeqs.set(by, seq);
    said.push({ seq, by, countable: type !== 'system' });
  }

  async function take(step: Step): Promise<void> {
    if (step.kind === 'send') await send(step.messages);
    else if (step.kind === 'read') await read(people[step.who] ?? dan, step.place);
    else await comeOrGo();
    await expectMarksInOrder();
  }

  async function send(messages: readonly { who: number; system: boolean }[]): Promise<void> {
    const requests = messages.map(({ who: index, system }) =>
      sending({
        accountId: account,
        conversationId: id,
        senderId: people[index] ?? dan,
        accessVersion,
        type: system ? 'system' : 'text',
      }),
    );
    const expected = new Map([...marks].map(([userId, row]) => [userId, row.read_seq]));
    const results = await sendAll(storage.log, requests);
    for (const result of results) say(expected, expectStored(result));
    const now = await rows();
    const told = new Map(
      results.flatMap((result) =>
        result.status === 'stored' && result.receipt ? [[expectStored(result).senderId, result.receipt] as const] : [],
      ),
    );
    expect(new Map([...now.values()].map((row) => [row.user_id, row.read_seq]))).toEqual(
      new Map([...now.keys()].map((userId) => [userId, expected.get(userId) ?? 0])),
    );
    // Whose mark moved was told where it is now, and nobody else was told anything.
    const moved = [...now.values()].filter((row) => row.read_seq !== (marks.get(row.user_id)?.read_seq ?? 0));
    expect(new Map([...told].map(([userId, { readSeq, deliveredSeq }]) => [userId, [readSeq, deliveredSeq]]))).toEqual(
      new Map(moved.map((row) => [row.user_id, [row.read_seq, row.delivered_seq]])),
    );
  }

  async function read(userId: UserId, place: number): Promise<void> {
    const last = (await rows()).get(userId)?.last_seq ?? 0;
    const seq = Math.round(place * last);
    if (seq > 0) await storage.ask('coucou_app', account, READ, [id, userId, seq]);
  }

  async function comeOrGo(): Promise<void> {
    const [owner] = people;
    if (danIsIn) await remove(storage.uow, account, id, owner, dan);
    else await admit(storage.uow, account, id, owner, [dan]);
    danIsIn = !danIsIn;
    accessVersion += 1;
    marks.delete(dan);
  }

  async function rows(): Promise<Map<UserId, Row>> {
    const found = await storage.ask<Row>('coucou_app', account, BRUTE_FORCE, [id]);
    return new Map(found.map((row) => [row.user_id, row]));
  }

  async function expectMarksInOrder(): Promise<void> {
    const now = await rows();
    for (const row of now.values()) {
      const before = marks.get(row.user_id);
      const inOrder = 0 <= row.read_seq && row.read_seq <= row.delivered_seq && row.delivered_seq <= row.last_seq;
      const forward =
        row.read_seq >= (before?.read_seq ?? row.joined_seq) && row.delivered_seq >= (before?.delivered_seq ?? row.joined_seq);
      expect({ row, inOrder, forward }).toEqual({ row, inOrder: true, forward: true });
    }
    marks = now;
  }

  async function expectUnreadAsDefined(): Promise<void> {
    for (const row of marks.values()) {
      const view = await storage.conversationReader.find(account, row.user_id, id);
      expect({ ...row, unread: view?.unread.messages }).toEqual(row);
    }
    const counted = await storage.ask<{ count_seq: number; expected: number }>('coucou_app', account, COUNTED, [id]);
    expect(counted.map((row) => row.count_seq)).toEqual(counted.map((row) => row.expected));
  }

  return { take, expectUnreadAsDefined };
}

describe('the number of unread messages', () => {
  it('is what the definition counts, whatever was sent, read, joined and left', async () => {
    const { account, alice, bob, carol, dan } = await createPeople(storage.uow, 'alice', 'bob', 'carol', 'dan');
    await fc.assert(
      fc.asyncProperty(steps, async (taken) => {
        const id = await createGroup(storage.uow, account, [alice, bob, carol]);
        const group = follow(account, id, [alice, bob, carol], dan);
        for (const step of taken) await group.take(step);
        await group.expectUnreadAsDefined();
      }),
      { numRuns: 60 },
    );
  });

  it("leaves a sender's own mark where it is while something of others is unread before it", async () => {
    const { account: accountId, alice, bob } = await createPeople(storage.uow, 'alice', 'bob');
    const conversationId = await createGroup(storage.uow, accountId, [alice, bob]);
    const post = (senderId: UserId) => storage.log.append(sending({ accountId, conversationId, senderId }));
    expect(await post(alice)).toMatchObject({ receipt: { receiptsVersion: 1, readSeq: 1, deliveredSeq: 1 } });
    expect(await post(bob)).toMatchObject({ status: 'stored', receipt: undefined });
    const ofBob = await storage.conversationReader.find(accountId, bob, conversationId);
    expect(ofBob).toMatchObject({ unread: { messages: 1 }, membership: { readSeq: 0 } });
    const ofAlice = await storage.conversationReader.find(accountId, alice, conversationId);
    expect(ofAlice).toMatchObject({ unread: { messages: 1 }, membership: { readSeq: 1 } });
  });
});
