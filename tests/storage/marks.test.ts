import type { AccountId, ConversationId, UserId } from '@coucou/domain/kernel/ids';
import { createReceiptLog } from '@coucou/postgres/receipts/receipt-log';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPglite } from './engines.ts';
import { storageOn, type TestStorage } from './test-storage.ts';
import { createGroup, createPeople, range, sendAll, sending } from '../support/fixtures.ts';

const SIZE = 5_000;

let storage: TestStorage;
let account: AccountId;
let group: ConversationId;
let people: readonly [UserId, ...UserId[]];

/** Everybody's messages in turn, now and then one that does not count; nobody's own mark moved with them. */
beforeAll(async () => {
  storage = storageOn(await openPglite());
  const { alice, bob, carol, ...rest } = await createPeople(storage.uow, 'alice', 'bob', 'carol');
  ({ account } = rest);
  people = [alice, bob, carol];
  group = await createGroup(storage.uow, account, people);
  for (const first of range(0, SIZE / 1000 - 1)) {
    const batch = range(first * 1000, first * 1000 + 999).map((at) =>
      sending({
        accountId: account,
        conversationId: group,
        senderId: people[(at * 7 + Math.floor(at / 11)) % 3] ?? alice,
        type: at % 13 === 0 ? 'system' : 'text',
      }),
    );
    await sendAll(storage.log, batch);
  }
});
afterAll(() => storage.close());

/** One statement for all of them. */
async function markAll(marks: readonly Readonly<{ user: UserId; readSeq: number }>[]): Promise<number[]> {
  const log = createReceiptLog({ pool: storage.main, observer: { moved() {}, recounted() {} }, gatherMs: 0 });
  const marked = await Promise.all(marks.map(({ user, readSeq }) => log.mark(account, user, [{ conversationId: group, readSeq }])));
  await log.settled();
  return marked.map(([row]) => row?.unread ?? -1);
}

const unreadFrom = async (user: UserId, mark: number): Promise<number> => {
  const [row] = await storage.ask<{ unread: number }>(
    'coucou_app',
    account,
    `select count(*)::int as unread from message where conversation_id = $1 and seq > $3 and sender_id <> $2 and type <> 'system'`,
    [group, user, mark],
  );
  return row?.unread ?? -1;
};

const RESET = `
  update member m set read_seq = $3, delivered_seq = $3, unread_from_seq = null,
    unread_base = coalesce((select x.count_seq from message x where x.conversation_id = $1 and x.seq = $3), 0),
    own_since = (select count(*) from message x where x.conversation_id = $1 and x.seq > $3 and x.sender_id = $2 and x.type <> 'system')
  where m.conversation_id = $1 and m.user_id = $2`;

describe('in a long conversation, what is unread is counted right', () => {
  it.each([
    ['far from both ends', [0, 0, 0], [2_400, 2_450, 2_500]],
    ['far from the end, a step from the old mark', [1_000, 1_500, 2_000], [1_001, 1_900, 2_001]],
    ['near the end', [0, 0, 4_900], [4_000, 4_990, 4_999]],
    ['at the end', [0, 4_000, 4_998], [5_000, 5_000, 9_999]],
    ['all over it at once', [0, 1_000, 0], [2_500, 1_010, 4_800]],
    ['where nothing moves', [2_500, 4_900, 5_000], [2_000, 4_900, 4_999]],
  ])('%s', async (_place, from, to) => {
    for (const [at, user] of people.entries()) await storage.ask('coucou_app', account, RESET, [group, user, from[at] ?? 0]);
    const unread = await markAll(people.map((user, at) => ({ user, readSeq: to[at] ?? 0 })));
    const expected = people.map((user, at) => unreadFrom(user, Math.min(SIZE, Math.max(from[at] ?? 0, to[at] ?? 0))));
    expect(unread).toEqual(await Promise.all(expected));
  });

  it('after it was marked unread before, or beyond, what was read', async () => {
    for (const fromSeq of [10, 2_400, 3_500, 4_900]) {
      for (const readSeq of [2_500, 2_600, 4_800]) {
        for (const user of people) {
          await storage.ask('coucou_app', account, RESET, [group, user, 2_450]);
          const unread = await storage.uow.write(account, async (tx) => {
            const membership = await tx.memberships.lookup(group, user);
            const counts = await tx.memberships.countAround(group, user, fromSeq);
            if (membership === undefined || counts === undefined) throw new Error('nothing to mark');
            await tx.memberships.update({ ...membership, unreadFromSeq: fromSeq, unreadBase: counts.base, ownSince: counts.ownSince });
            return counts;
          });
          const [row] = await storage.ask<{ countable: number }>(
            'coucou_app',
            account,
            'select countable from conversation_head where conversation_id = $1',
            [group],
          );
          expect((row?.countable ?? 0) - unread.base - unread.ownSince).toBe(await unreadFrom(user, fromSeq - 1));
        }
        const unread = await markAll(people.map((user) => ({ user, readSeq })));
        expect(unread).toEqual(await Promise.all(people.map((user) => unreadFrom(user, readSeq))));
      }
    }
  });
});
