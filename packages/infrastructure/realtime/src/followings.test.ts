import type { Following } from '@coucou/application/ports/current-members';
import { asId, type UserId } from '@coucou/domain/kernel/ids';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { gatherFollowings } from './followings.ts';

const account = asId<'account'>('acc');
const user = (name: string): UserId => asId<'user'>(name);
const of = (id: UserId): Following[] => [
  { conversationId: asId(`of-${id}`), accessVersion: 1, version: 1, receiptsVersion: 0, joinedVersion: 0 },
];

/** A database whose answers the test gives. */
function stage() {
  const asked: { users: readonly string[]; limit: number; answer: () => void; fail: () => void }[] = [];
  const load = gatherFollowings(
    {
      ofUsers(_account, users, limit) {
        const { promise, resolve, reject } = Promise.withResolvers<Map<UserId, Following[]>>();
        const answer = () => resolve(new Map(users.filter((id) => id !== 'nobody').map((id) => [id, of(id)])));
        asked.push({ users, limit, answer, fail: () => reject(new Error('away')) });
        return promise;
      },
    },
    7,
  );
  return { asked, load };
}

test('those of one turn are asked for together, each person once', async () => {
  const { asked, load } = stage();
  const loaded = [load(account, user('ann')), load(account, user('bob')), load(account, user('ann')), load(account, user('nobody'))];
  expect(asked).toEqual([]);
  await nextTurn();
  expect(asked).toMatchObject([{ users: ['ann', 'bob', 'nobody'], limit: 7 }]);
  asked[0]?.answer();
  expect(await Promise.all(loaded)).toEqual([of(user('ann')), of(user('bob')), of(user('ann')), []]);
});

test('who comes while a query is under way is in the next, and never in that one', async () => {
  const { asked, load } = stage();
  const first = load(account, user('ann'));
  await nextTurn();
  const later = [load(account, user('ann'))];
  await nextTurn();
  later.push(load(account, user('bob')));
  await nextTurn();
  expect(asked).toHaveLength(1);
  asked[0]?.answer();
  await first;
  await nextTurn();
  expect(asked.map(({ users }) => users)).toEqual([['ann'], ['ann', 'bob']]);
  asked[1]?.answer();
  expect(await Promise.all(later)).toEqual([of(user('ann')), of(user('bob'))]);
});

test('accounts do not wait for each other', async () => {
  const { asked, load } = stage();
  void load(account, user('ann'));
  void load(asId('other'), user('bob'));
  await nextTurn();
  expect(asked.map(({ users }) => users)).toEqual([['ann'], ['bob']]);
});

test('one query has so many people and no more', async () => {
  const { asked, load } = stage();
  for (let n = 0; n < 50; n += 1) void load(account, user(`${n}`));
  await nextTurn();
  asked[0]?.answer();
  await nextTurn();
  await nextTurn();
  expect(asked.map(({ users }) => users.length)).toEqual([32, 18]);
});

test('a failure is for those who asked, and the next are asked for all the same', async () => {
  const { asked, load } = stage();
  const first = load(account, user('ann'));
  await nextTurn();
  const second = load(account, user('bob'));
  asked[0]?.fail();
  await expect(first).rejects.toThrow('away');
  await nextTurn();
  asked[1]?.answer();
  expect(await second).toEqual(of(user('bob')));
});
