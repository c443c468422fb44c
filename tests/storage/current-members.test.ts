import { createCurrentMembers } from '@coucou/postgres/conversations/current-members';
import { createPostingSnapshots } from '@coucou/postgres/messages/posting-snapshots';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPglite } from './engines.ts';
import { storageOn, counted, type TestStorage } from './test-storage.ts';
import { admit, createGroup, createPeople, ids, remove, sending } from '../support/fixtures.ts';

let storage: TestStorage;
beforeAll(async () => {
  storage = storageOn(await openPglite());
});
afterAll(() => storage.close());

describe('current members', () => {
  it('are the most recently active conversations of a person', async () => {
    const { account, alice, bob } = await createPeople(storage.uow, 'alice', 'bob');
    const [first, second, third] = [
      await createGroup(storage.uow, account, [alice, bob]),
      await createGroup(storage.uow, account, [alice, bob]),
      await createGroup(storage.uow, account, [alice, bob]),
    ] as const;
    await storage.log.append(sending({ accountId: account, conversationId: first, senderId: alice }));
    await remove(storage.uow, account, third, alice, bob);
    const currentMembers = createCurrentMembers(storage.main);
    const following = (conversationId: typeof first, versions = {}) => ({
      conversationId,
      accessVersion: 1,
      version: 1,
      receiptsVersion: 0,
      joinedVersion: 1,
      ...versions,
    });
    const spoken = { version: 2, receiptsVersion: 1 };
    expect(await currentMembers.ofUser(account, bob, 10)).toEqual([following(first, spoken), following(second)]);
    expect(await currentMembers.ofUser(account, alice, 2)).toEqual([
      following(first, spoken),
      following(third, { version: 2, accessVersion: 2 }),
    ]);
    expect(await currentMembers.ofUser(account, ids.next(), 10)).toEqual([]);
    expect(await currentMembers.ofUser((await createPeople(storage.uow)).account, bob, 10)).toEqual([]);
  });

  it('of several people are those of each, in one query', async () => {
    const { account, alice, bob, carol } = await createPeople(storage.uow, 'alice', 'bob', 'carol');
    for (let n = 0; n < 3; n += 1) await createGroup(storage.uow, account, [alice, bob]);
    const left = await createGroup(storage.uow, account, [alice, carol]);
    await remove(storage.uow, account, left, alice, carol);
    const pool = counted(storage.main);
    const currentMembers = createCurrentMembers(pool);
    const followings = await currentMembers.ofUsers(account, [carol, bob, alice], 2);
    expect(pool.count.queries).toBe(1);
    expect(followings).toEqual(
      new Map([
        [bob, await currentMembers.ofUser(account, bob, 2)],
        [alice, await currentMembers.ofUser(account, alice, 2)],
      ]),
    );
    expect(followings.get(alice)).toHaveLength(2);
    expect(await currentMembers.ofUsers(account, [], 2)).toEqual(new Map());
    expect(await currentMembers.ofUsers((await createPeople(storage.uow)).account, [bob], 2)).toEqual(new Map());
  });

  it('say who of some people is there now, and as of which change of access', async () => {
    const { account, alice, bob, carol, dan } = await createPeople(storage.uow, 'alice', 'bob', 'carol', 'dan');
    const id = await createGroup(storage.uow, account, [alice, bob, carol]);
    const currentMembers = createCurrentMembers(storage.main);
    expect(await currentMembers.present(account, id, [bob, dan])).toEqual({ accessVersion: 1, joined: new Map([[bob, 1]]) });
    await remove(storage.uow, account, id, alice, bob);
    await admit(storage.uow, account, id, alice, [dan]);
    expect(await currentMembers.present(account, id, [bob, dan])).toEqual({ accessVersion: 3, joined: new Map([[dan, 3]]) });
    expect(await currentMembers.present(account, id, [])).toEqual({ accessVersion: 3, joined: new Map() });
    expect(await currentMembers.present(account, ids.next(), [bob])).toEqual({ accessVersion: 0, joined: new Map() });
    // Who was there before has joined again.
    await admit(storage.uow, account, id, alice, [bob]);
    expect(await currentMembers.present(account, id, [bob, dan])).toEqual({
      accessVersion: 4,
      joined: new Map([
        [bob, 4],
        [dan, 3],
      ]),
    });
  });
});

describe('posting snapshots', () => {
  async function snapshots() {
    const pool = counted(storage.main);
    const { account, alice, bob } = await createPeople(storage.uow, 'alice', 'bob');
    const id = await createGroup(storage.uow, account, [alice]);
    return { snapshots: createPostingSnapshots(pool), queries: () => pool.count.queries, account, alice, bob, id };
  }

  it('are loaded once for all who ask, and kept', async () => {
    const { snapshots: cache, queries, account, alice, id } = await snapshots();
    const expected = {
      type: 'group',
      settings: { history: 'all', announcementsOnly: false, slowModeSeconds: 0 },
      accessVersion: 1,
      member: { role: 'owner', leftAt: undefined, postingMutedUntil: undefined },
      blocked: false,
      suspended: false,
      mutedUntil: undefined,
    };
    const asked = await Promise.all([1, 2, 3].map(() => cache.get(account, id, alice)));
    expect([...asked, await cache.get(account, id, alice)]).toEqual([expected, expected, expected, expected]);
    expect(queries()).toBe(1);
  });

  it('of those who may not post are not kept', async () => {
    const { snapshots: cache, queries, account, alice, bob, id } = await snapshots();
    expect(await cache.get(account, id, bob)).toMatchObject({ accessVersion: 1, member: undefined });
    await admit(storage.uow, account, id, alice, [bob]);
    expect(await cache.get(account, id, bob)).toMatchObject({ accessVersion: 2, member: { role: 'member' } });
    expect(await cache.get(account, ids.next(), bob)).toBeUndefined();
    expect(queries()).toBe(3);
  });

  it('are replaced by a reload, and dropped by one that finds the person gone', async () => {
    const { snapshots: cache, account, alice, bob, id } = await snapshots();
    await admit(storage.uow, account, id, alice, [bob]);
    await cache.get(account, id, bob);
    await remove(storage.uow, account, id, alice, bob);
    expect(await cache.get(account, id, bob)).toMatchObject({ accessVersion: 2, member: { leftAt: undefined } });
    expect(await cache.reload(account, id, bob)).toMatchObject({ accessVersion: 3, member: { leftAt: expect.any(Date) } });
    expect(await cache.get(account, id, bob)).toMatchObject({ accessVersion: 3, member: { leftAt: expect.any(Date) } });
  });

  it('of one account are nobody else’s', async () => {
    const { snapshots: cache, account, alice, id } = await snapshots();
    await cache.get(account, id, alice);
    expect(await cache.get((await createPeople(storage.uow)).account, id, alice)).toBeUndefined();
  });
});
