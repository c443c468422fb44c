import { limits } from '@coucou/domain/kernel/limits';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { type Caller, openTestApp, type TestApp } from '../../support/test-app.ts';
import { openDirect, openGroup, refusal } from '../calls.ts';

/** How large groups get, and how many of them somebody owns, where an operator allows less than the product does. */

let app: TestApp;
let alice: Caller;
let others: readonly [Caller, Caller, Caller];
beforeAll(async () => {
  app = await openTestApp();
  alice = await app.person('alice');
  others = [await app.person('bob'), await app.person('carol'), await app.person('dan')];
});
afterAll(() => app.close());
afterEach(() => void Object.assign(app.settings, { mostMembers: limits.groupMembers, mostGroupsOwned: limits.groupsOwned }));

const sizeOf = async ({ id }: { id: string }) => (await alice.call('conversations.get', { conversationId: id })).memberCount;

it('a group takes nobody in beyond its size, by whichever way they come', async () => {
  const [bob, carol, dan] = others;
  app.settings.mostMembers = 2;
  const group = await openGroup(alice, [bob], { visibility: 'public' });
  const { code } = await alice.call('invites.create', { conversationId: group.id });
  const ways = [
    () => alice.call('members.add', { conversationId: group.id, userIds: [carol.id] }),
    () => carol.call('conversations.join', { conversationId: group.id }),
    () => dan.call('invites.accept', { code }),
  ];
  for (const way of ways) await expect(way()).rejects.toMatchObject({ code: 'CONVERSATION_FULL', details: { limit: 2 } });
  expect(await sizeOf(group)).toBe(2);
  // Whoever leaves makes room.
  await bob.call('conversations.leave', { conversationId: group.id });
  await carol.call('conversations.join', { conversationId: group.id });
  expect(await sizeOf(group)).toBe(2);
});

it('a group is not made with more people than it may have', async () => {
  const before = (await alice.call('conversations.list')).items.length;
  app.settings.mostMembers = 3;
  await expect(openGroup(alice, others)).rejects.toMatchObject({ code: 'CONVERSATION_FULL', details: { limit: 3 } });
  expect((await alice.call('conversations.list')).items).toHaveLength(before);
  expect(await sizeOf(await openGroup(alice, others.slice(0, 2)))).toBe(3);
});

it('a group that is larger already keeps its members', async () => {
  const group = await openGroup(alice, others.slice(0, 2));
  app.settings.mostMembers = 2;
  expect(await sizeOf(group)).toBe(3);
  expect(await refusal(alice.call('members.add', { conversationId: group.id, userIds: [others[2].id] }))).toBe('CONVERSATION_FULL');
});

it('a person makes no more groups than they may own; conversations of two are none', async () => {
  const owner = await app.person('oscar');
  app.settings.mostGroupsOwned = 1;
  const first = await openGroup(owner);
  await expect(openGroup(owner)).rejects.toMatchObject({ code: 'GROUP_LIMIT_REACHED', details: { limit: 1 } });
  await openDirect(owner, alice);
  await owner.call('conversations.delete', { conversationId: first.id });
  expect(await openGroup(owner)).toMatchObject({ type: 'group' });
});
