import { addMembers } from '@coucou/application/conversations/add-members';
import { type CreateConversation, createConversation } from '@coucou/application/conversations/create-conversation';
import { getConversation } from '@coucou/application/conversations/get-conversation';
import { leaveConversation } from '@coucou/application/conversations/leave-conversation';
import { listConversations } from '@coucou/application/conversations/list-conversations';
import { listMembers } from '@coucou/application/conversations/list-members';
import { removeMember } from '@coucou/application/conversations/remove-member';
import { sync } from '@coucou/application/sync/sync';
import type { AccountId, ConversationId, UserId } from '@coucou/domain/kernel/ids';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createPeople, ids, range } from '../../support/fixtures.ts';
import { openTestApp, type TestApp } from '../../support/test-app.ts';
import { as } from '../calls.ts';

let app: TestApp;
let account: AccountId;
let [alice, bob, carol, dan] = [] as unknown as [UserId, UserId, UserId, UserId];
beforeAll(async () => {
  app = await openTestApp();
});
afterAll(() => app.close());
beforeEach(async () => {
  ({ account, alice, bob, carol, dan } = await createPeople(app.uow, 'alice', 'bob', 'carol', 'dan'));
  app.events.length = 0;
});

const create = (by: UserId, input: CreateConversation) => app.run(createConversation, input, as(account, by));
const direct = (by: UserId, userId: UserId) => create(by, { type: 'direct', userId });
const group = async (by: UserId, ...memberIds: UserId[]): Promise<ConversationId> =>
  (await create(by, { type: 'group', title: 'Holidays', memberIds })).view.conversation.id;
const get = (by: UserId, conversationId: ConversationId) => app.run(getConversation, { conversationId }, as(account, by));
const add = (by: UserId, conversationId: ConversationId, ...userIds: UserId[]) =>
  app.run(addMembers, { conversationId, userIds }, as(account, by));
const removeBy = (by: UserId, conversationId: ConversationId, userId: UserId) =>
  app.run(removeMember, { conversationId, userId }, as(account, by));
const leave = (by: UserId, conversationId: ConversationId) => app.run(leaveConversation, { conversationId }, as(account, by));
const members = async (by: UserId, conversationId: ConversationId) =>
  (await app.run(listMembers, { conversationId, limit: 50 }, as(account, by))).items.map(({ member }) => member.userId).toSorted();
const told = () => app.events.map((event) => event.type);
const notFound = { code: 'CONVERSATION_NOT_FOUND', kind: 'not_found' };

describe('a direct conversation', () => {
  it('is made on first use and found from then on, by either', async () => {
    const first = await direct(alice, bob);
    expect(first).toMatchObject({
      created: true,
      view: { conversation: { type: 'direct', memberCount: 2 }, peer: { id: bob }, unread: { messages: 0 } },
    });
    const again = [await direct(alice, bob), await direct(bob, alice)];
    expect(again.map(({ created, view }) => [created, view.conversation.id])).toEqual(again.map(() => [false, first.view.conversation.id]));
    expect(app.events).toMatchObject([{ type: 'conversation.created', members: [{ userId: alice }, { userId: bob }], users: [{}, {}] }]);
  });

  it('is one, when both open it at once', async () => {
    const opened = await Promise.all(range(1, 10).flatMap(() => [direct(alice, bob), direct(bob, alice)]));
    expect(new Set(opened.map(({ view }) => view.conversation.id)).size).toBe(1);
    expect(opened.filter(({ created }) => created)).toHaveLength(1);
    expect(told()).toEqual(['conversation.created']);
  });

  it('needs someone else, who is in this account', async () => {
    const { alice: stranger } = await createPeople(app.uow, 'alice');
    await expect(direct(alice, alice)).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
    for (const nobody of [ids.next<'user'>(), stranger])
      await expect(direct(alice, nobody)).rejects.toMatchObject({ code: 'USER_NOT_FOUND' });
    expect(told()).toEqual([]);
  });

  it('stays between the two', async () => {
    const id = (await direct(alice, bob)).view.conversation.id;
    await expect(add(alice, id, carol)).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await expect(removeBy(alice, id, bob)).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await expect(leave(alice, id)).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await expect(get(carol, id)).rejects.toMatchObject(notFound);
  });
});

describe('a group', () => {
  it('is made as asked', async () => {
    const { view, created } = await create(alice, {
      type: 'group',
      title: 'Holidays',
      memberIds: [bob, bob, alice],
      visibility: 'public',
      description: 'by the sea',
      avatarUrl: 'https://example.com/sea.png',
      custom: { colour: ['blue', { deep: true }] },
      settings: { history: 'joined' },
    });
    expect(created).toBe(true);
    expect(view).toMatchObject({
      conversation: {
        type: 'group',
        title: 'Holidays',
        visibility: 'public',
        description: 'by the sea',
        avatarUrl: 'https://example.com/sea.png',
        custom: { colour: ['blue', { deep: true }] },
        settings: { history: 'joined' },
        memberCount: 2,
        version: 1,
      },
      membership: { userId: alice, role: 'owner' },
      peer: undefined,
    });
    expect(await members(bob, view.conversation.id)).toEqual([alice, bob].toSorted());
  });

  it('is not made with people who do not exist here', async () => {
    await expect(group(alice, bob, ids.next())).rejects.toMatchObject({ code: 'USER_NOT_FOUND' });
    expect((await app.run(listConversations, { limit: 10 }, as(account, alice))).items).toEqual([]);
    expect(told()).toEqual([]);
  });

  it('takes people in, each with an event of their own', async () => {
    const id = await group(alice, bob);
    const added = await add(alice, id, carol, dan);
    expect(added.map(({ member, user }) => [member.userId, user.id, member.version])).toEqual([
      [carol, carol, 2],
      [dan, dan, 3],
    ]);
    expect(app.events.slice(1)).toMatchObject([
      { type: 'member.joined', conversation: { version: 3, memberCount: 4 }, member: { userId: carol, version: 2 }, user: { id: carol } },
      { type: 'member.joined', conversation: { version: 3, memberCount: 4 }, member: { userId: dan, version: 3 }, user: { id: dan } },
    ]);
    expect(await get(dan, id)).toMatchObject({ conversation: { version: 3, accessVersion: 2, memberCount: 4 } });
  });

  it('takes nobody in twice, and none of those named beside them', async () => {
    const id = await group(alice, bob);
    await expect(add(alice, id, carol, bob)).rejects.toMatchObject({ code: 'ALREADY_MEMBER', details: { userIds: [bob] } });
    await expect(add(alice, id, carol, ids.next())).rejects.toMatchObject({ code: 'USER_NOT_FOUND' });
    expect(await members(alice, id)).toEqual([alice, bob].toSorted());
    expect(await get(alice, id)).toMatchObject({ conversation: { version: 1, memberCount: 2 } });
  });

  it('counts those who come at the same time one after the other', async () => {
    const id = await group(alice);
    await Promise.all([bob, carol, dan].map((userId) => add(alice, id, userId)));
    expect(await get(alice, id)).toMatchObject({ conversation: { version: 4, accessVersion: 4, memberCount: 4 } });
  });

  it('hides itself from those who are no members', async () => {
    const id = await group(alice, bob);
    const outside = [get(carol, id), members(carol, id), add(carol, id, dan), removeBy(carol, id, bob), leave(carol, id)];
    const nowhere = [get(alice, ids.next()), add(alice, ids.next(), dan), removeBy(alice, ids.next(), bob), leave(alice, ids.next())];
    const outcomes = await Promise.allSettled([...outside, ...nowhere]);
    expect(outcomes).toMatchObject(outcomes.map(() => ({ status: 'rejected', reason: notFound })));
  });

  it('lets plain members neither add nor remove others', async () => {
    const id = await group(alice, bob, carol);
    await expect(add(bob, id, dan)).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await expect(removeBy(bob, id, carol)).rejects.toMatchObject({ code: 'FORBIDDEN' });
  });

  it('is closed at once to whoever is removed', async () => {
    const id = await group(alice, bob, carol);
    await removeBy(alice, id, bob);
    expect(app.events.at(-1)).toMatchObject({
      type: 'member.left',
      reason: 'removed',
      member: { userId: bob, version: 2 },
      conversation: { memberCount: 2 },
    });
    await expect(get(bob, id)).rejects.toMatchObject(notFound);
    const page = await app.run(sync, { conversations: { [id]: { version: 1 } }, limit: 10 }, as(account, bob));
    expect(page).toMatchObject({ conversations: [{ id, removed: true }], heads: [] });
    await expect(removeBy(alice, id, bob)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('takes back whoever was removed', async () => {
    const id = await group(alice, bob);
    await removeBy(alice, id, bob);
    await add(alice, id, bob);
    expect(await get(bob, id)).toMatchObject({
      conversation: { version: 3, memberCount: 2 },
      membership: { role: 'member', leftAt: undefined },
    });
  });

  it('lets a member go, by leaving or by removing themself', async () => {
    const id = await group(alice, bob, carol);
    await leave(bob, id);
    await removeBy(carol, id, carol);
    expect(app.events.slice(1)).toMatchObject([
      { type: 'member.left', reason: 'left', member: { userId: bob } },
      { type: 'member.left', reason: 'left', member: { userId: carol } },
    ]);
    expect(await members(alice, id)).toEqual([alice]);
  });

  it('keeps its last owner while others are there', async () => {
    const id = await group(alice, bob);
    await expect(leave(alice, id)).rejects.toMatchObject({ code: 'LAST_OWNER' });
    await expect(removeBy(alice, id, alice)).rejects.toMatchObject({ code: 'LAST_OWNER' });
    await leave(bob, id);
    await leave(alice, id);
    await expect(get(alice, id)).rejects.toMatchObject(notFound);
  });
});

describe('the list', () => {
  it("is the caller's own", async () => {
    const id = await group(alice, bob);
    await group(bob, carol);
    const list = async (by: UserId) =>
      (await app.run(listConversations, { limit: 10 }, as(account, by))).items.map((view) => view.conversation.id);
    expect(await list(alice)).toEqual([id]);
    expect(await list(bob)).toHaveLength(2);
    expect(await list(dan)).toEqual([]);
  });
});
