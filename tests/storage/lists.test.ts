import type { ConversationView } from '@coucou/application/conversations/conversation-reader';
import { Conversation } from '@coucou/domain/conversations/conversation';
import type { AccountId, ConversationId, UserId } from '@coucou/domain/kernel/ids';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPglite } from './engines.ts';
import { storageOn, type TestStorage } from './test-storage.ts';
import { createGroup, createUsers, createPeople, expectStored, ids, range, remove, sending } from '../support/fixtures.ts';

let storage: TestStorage;
beforeAll(async () => {
  storage = storageOn(await openPglite());
});
afterAll(() => storage.close());

const idsOf = (items: readonly ConversationView[]) => items.map((view) => view.conversation.id);

/** Every page, with something that happens between them. */
async function pagesOf(
  account: AccountId,
  viewer: UserId,
  limit: number,
  between: () => Promise<unknown> = async () => {},
): Promise<ConversationId[][]> {
  const pages: ConversationId[][] = [];
  let cursor: string | undefined;
  do {
    const page = await storage.conversationReader.list(account, viewer, { limit, cursor });
    pages.push(idsOf(page.items));
    cursor = page.nextCursor;
    await between();
  } while (cursor !== undefined && pages.length < 50);
  return pages;
}

async function withGroups(count: number) {
  const { account, alice, bob } = await createPeople(storage.uow, 'alice', 'bob');
  const groups: ConversationId[] = [];
  for (const _ of range(1, count)) groups.push(await createGroup(storage.uow, account, [alice, bob]));
  const say = async (conversationId: ConversationId, senderId = alice) =>
    expectStored(await storage.log.append(sending({ accountId: account, conversationId, senderId })));
  return { account, alice, bob, groups, say };
}

describe('the list of conversations', () => {
  it('begins with the most recently active, whether by a message or by its creation', async () => {
    const { account, alice, groups, say } = await withGroups(4);
    await say(groups[1] as ConversationId);
    const at = (n: number) => groups[n];
    expect((await pagesOf(account, alice, 10)).flat()).toEqual([at(1), at(3), at(2), at(0)]);
  });

  it.each([1, 2, 3, 7, 8])('in pages of %i has everything once', async (limit) => {
    const { account, alice, groups } = await withGroups(7);
    const pages = await pagesOf(account, alice, limit);
    expect(pages.flat()).toEqual(groups.toReversed());
    expect(pages.map((page) => page.length)).toEqual(range(0, Math.ceil(7 / limit) - 1).map((i) => Math.min(limit, 7 - i * limit)));
  });

  it('tells apart those that were active in the same instant', async () => {
    const { account, alice, groups } = await withGroups(6);
    await storage.ask('coucou_app', account, "update conversation_head set active_at = '2026-01-15T12:00:00Z'");
    expect((await pagesOf(account, alice, 2)).flat()).toEqual(groups.toSorted().toReversed());
  });

  it('neither repeats nor misses what rests, while messages arrive between the pages', async () => {
    const { account, alice, groups, say } = await withGroups(12);
    const moving = groups.filter((_, index) => index % 3 === 0);
    const queue = [...moving];
    const listed = (
      await pagesOf(account, alice, 2, async () => {
        const next = queue.pop();
        if (next !== undefined) await say(next);
      })
    ).flat();
    expect(listed).toEqual([...new Set(listed)]);
    const resting = groups.filter((id) => !moving.includes(id)).toReversed();
    expect(listed.filter((id) => !moving.includes(id))).toEqual(resting);
    // What moved up was passed by if it had not been listed: it is at the top, where one looks next.
    const top = (await storage.conversationReader.list(account, alice, { limit: moving.length, cursor: undefined })).items;
    expect(idsOf(top).toSorted()).toEqual(moving.toSorted());
  });

  it("shows each with its last message, what is unread, and the viewer's own membership", async () => {
    const { account, alice, bob, groups, say } = await withGroups(1);
    const [id] = groups as [ConversationId];
    await say(id, alice);
    const last = await say(id, alice);
    const [view] = (await storage.conversationReader.list(account, bob, { limit: 1, cursor: undefined })).items;
    expect(view).toMatchObject({
      conversation: { id, lastSeq: 2, memberCount: 2 },
      membership: { userId: bob, role: 'member', readSeq: 0, archived: false, pinned: false, notify: 'all', notifyMutedUntil: undefined },
      unread: { messages: 2, mentions: 0 },
      peer: undefined,
    });
    expect(view?.lastMessage).toEqual(last);
    expect(await storage.conversationReader.find(account, bob, id)).toEqual(view);
  });

  it('shows the other user of a direct conversation, without their address', async () => {
    const { account, alice, bob } = await createPeople(storage.uow, 'alice', 'bob');
    const admission = Conversation.openDirect({ accountId: account, id: ids.next(), createdBy: alice, peerId: bob, now: new Date() });
    await storage.uow.write(account, async (tx) => void (await tx.conversations.add(admission)));
    const peers = await Promise.all(
      [alice, bob].map(async (viewer) => (await storage.conversationReader.find(account, viewer, admission.conversation.id))?.peer),
    );
    expect(peers).toMatchObject([
      { id: bob, displayName: 'bob', email: undefined },
      { id: alice, displayName: 'alice', email: undefined },
    ]);
  });

  it('hides the last message from those who joined after it, where history begins there', async () => {
    const { account, alice, bob } = await createPeople(storage.uow, 'alice', 'bob');
    const id = await createGroup(storage.uow, account, [alice], { settings: { history: 'joined' } });
    expectStored(await storage.log.append(sending({ accountId: account, conversationId: id, senderId: alice })));
    await storage.uow.write(account, async (tx) => {
      const conversation = await tx.conversations.lock(id);
      const [owner] = await tx.conversations.members(id, [alice]);
      if (conversation !== undefined) await tx.conversations.admit(Conversation.admit(conversation, owner, [bob], [], 10, new Date()));
    });
    expect(await storage.conversationReader.find(account, bob, id)).toMatchObject({ lastMessage: undefined, unread: { messages: 0 } });
    expect(await storage.conversationReader.find(account, alice, id)).toMatchObject({ lastMessage: { seq: 1 } });
  });

  it('has nothing that one was removed from', async () => {
    const { account, alice, bob, groups } = await withGroups(2);
    const [left, kept] = groups as [ConversationId, ConversationId];
    await remove(storage.uow, account, left, alice, bob);
    expect(await pagesOf(account, bob, 10)).toEqual([[kept]]);
    expect(await storage.conversationReader.find(account, bob, left)).toBeUndefined();
  });

  it('costs one query, however many there are', async () => {
    const { account, alice } = await withGroups(9);
    for (const limit of [1, 9]) {
      storage.reads.queries = 0;
      await storage.conversationReader.list(account, alice, { limit, cursor: undefined });
      expect(storage.reads.queries).toBe(1);
    }
  });

  it.each(['nonsense', '', 'W10', Buffer.from('["members","2026-01-15T12:00:00.000Z","x"]').toString('base64url')])(
    'refuses the cursor %j, which it did not issue',
    async (cursor) => {
      const { account, alice } = await createPeople(storage.uow, 'alice');
      await expect(storage.conversationReader.list(account, alice, { limit: 1, cursor })).rejects.toMatchObject({ code: 'CURSOR_INVALID' });
    },
  );
});

describe('the list of members', () => {
  async function crowd(size: number) {
    const { account, alice, dan } = await createPeople(storage.uow, 'alice', 'dan');
    const people = await createUsers(
      storage.uow,
      account,
      range(1, size).map((i) => `p${i}`),
    );
    const id = await createGroup(storage.uow, account, [alice, ...people]);
    return { account, alice, dan, id, people };
  }

  it.each([1, 4, 5, 100])('in pages of %i has everybody once, in order of joining', async (limit) => {
    const { account, alice, id, people } = await crowd(8);
    const listed: UserId[] = [];
    let cursor: string | undefined;
    do {
      const page = await storage.conversationReader.listMembers(account, alice, id, { limit, cursor });
      listed.push(...(page?.items ?? []).map(({ member }) => member.userId));
      expect(page?.items.map(({ user }) => user.id)).toEqual(page?.items.map(({ member }) => member.userId));
      cursor = page?.nextCursor;
    } while (cursor !== undefined);
    expect(listed).toEqual([alice, ...people].toSorted());
  });

  it('has those who are there now, without their addresses', async () => {
    const { account, alice, id, people } = await crowd(2);
    const [gone, here] = people as [UserId, UserId];
    await remove(storage.uow, account, id, alice, gone);
    const page = await storage.conversationReader.listMembers(account, alice, id, { limit: 10, cursor: undefined });
    expect(page?.items.map(({ member }) => member.userId)).toEqual([alice, here]);
    expect(page?.items.map(({ user }) => user.email)).toEqual([undefined, undefined]);
  });

  it('is for members, on every page', async () => {
    const { account, alice, dan, id, people } = await crowd(3);
    const first = await storage.conversationReader.listMembers(account, alice, id, { limit: 2, cursor: undefined });
    for (const cursor of [undefined, first?.nextCursor])
      expect(await storage.conversationReader.listMembers(account, dan, id, { limit: 2, cursor })).toBeUndefined();
    const [gone] = people as [UserId];
    await remove(storage.uow, account, id, alice, gone);
    expect(await storage.conversationReader.listMembers(account, gone, id, { limit: 2, cursor: first?.nextCursor })).toBeUndefined();
  });

  it('ends with an empty page when all that were left to list have gone', async () => {
    const { account, alice, id, people } = await crowd(2);
    const first = await storage.conversationReader.listMembers(account, alice, id, { limit: 2, cursor: undefined });
    await remove(storage.uow, account, id, alice, people[1] as UserId);
    const next = await storage.conversationReader.listMembers(account, alice, id, { limit: 2, cursor: first?.nextCursor });
    expect(next).toEqual({ items: [], nextCursor: undefined });
  });
});
