import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { passErasure } from '../../../tests/support/erasures.ts';
import type { Payload } from '../../../tests/support/event-log.ts';
import { type Caller, openTestApp, type TestApp } from '../../../tests/support/test-app.ts';
import { openDirect, openGroup, refusal, send } from '../../../tests/use-cases/calls.ts';
import { userGroupLimits } from '../src/domain/limits.ts';
import { create, handle } from './groups.ts';

let app: TestApp;
let owner: Caller;
let bob: Caller;
let carol: Caller;
let dave: Caller;
beforeAll(async () => {
  app = await openTestApp();
  owner = await app.person('alice', undefined, 'owner');
  [bob, carol, dave] = [await app.person('bob'), await app.person('carol'), await app.person('dave')];
});
afterAll(() => app.close());

const get = (userGroupId: string, by = bob): Promise<Payload> => by.call('userGroups.get', { userGroupId });
const update = (userGroupId: string, more: Record<string, unknown>): Promise<Payload> =>
  owner.call('admin.updateUserGroup', { userGroupId, ...more });
const audited = async (limit: number): Promise<Payload[]> => (await owner.call('admin.listAuditLogs', { limit })).items;

describe('a user group', () => {
  it('is made by an admin, and everybody of the account sees it with its members', async () => {
    const made = await create(owner, [bob.id, carol.id, bob.id], { handle: 'Support', name: 'Support team' });
    expect(made).toEqual({
      id: expect.any(String),
      handle: 'support',
      name: 'Support team',
      memberCount: 2,
      memberIds: [bob.id, carol.id],
      createdAt: expect.any(String),
    });
    expect(await get(made.id)).toEqual({ ...made, memberIds: [bob.id, carol.id].toSorted() });
    const { memberIds: _, ...listed } = made;
    expect((await dave.call('userGroups.list')).items).toContainEqual(listed);
    expect(await refusal(bob.call('admin.createUserGroup', { handle: handle(), name: 'Mine' }))).toBe('FORBIDDEN');
    expect(await audited(1)).toMatchObject([{ action: 'user_group_created', details: { handle: 'support', members: 2 } }]);
  });

  it('changes, and what changes nothing leaves no entry', async () => {
    const { id, ...made } = await create(owner, [bob.id]);
    const changed = await update(id, { name: 'Sales', memberIds: [carol.id] });
    expect(changed).toEqual({ ...made, id, name: 'Sales', memberIds: [carol.id] });
    const before = await audited(1);
    expect(before).toMatchObject([{ action: 'user_group_updated', details: { changed: ['name', 'members'] } }]);
    expect(await update(id, { name: 'Sales', memberIds: [carol.id] })).toEqual(changed);
    expect(await audited(1)).toEqual(before);
    await owner.call('admin.deleteUserGroup', { userGroupId: id });
    expect(await refusal(get(id))).toBe('USER_GROUP_NOT_FOUND');
    expect(await refusal(update(id, { name: 'Gone' }))).toBe('USER_GROUP_NOT_FOUND');
    expect(await refusal(owner.call('admin.deleteUserGroup', { userGroupId: id }))).toBe('USER_GROUP_NOT_FOUND');
  });

  it('has a handle of its own', async () => {
    const [one, other] = [await create(owner), await create(owner)];
    expect(await refusal(create(owner, [], { handle: one.handle }))).toBe('USER_GROUP_HANDLE_TAKEN');
    expect(await refusal(update(other.id, { handle: one.handle }))).toBe('USER_GROUP_HANDLE_TAKEN');
    expect(await update(other.id, { handle: other.handle, name: 'Same' })).toMatchObject({ name: 'Same' });
    const same = handle();
    const ends = await Promise.allSettled(Array.from({ length: 10 }, () => create(owner, [], { handle: same })));
    expect(ends.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it.each(['all', 'ALL', '', '-a', 'a b', 'a'.repeat(33), 'é'])('refuses the handle "%s"', async (wrong) => {
    expect(await refusal(create(owner, [], { handle: wrong }))).toBe('VALIDATION_FAILED');
  });

  it('takes people of the account alone', async () => {
    const other = await app.account();
    const stranger = await app.person('eve', other, 'owner');
    const { id } = await create(owner, [bob.id]);
    expect(await refusal(create(owner, [stranger.id]))).toBe('USER_GROUP_MEMBER_INVALID');
    expect(await refusal(update(id, { memberIds: [bob.id, stranger.id] }))).toBe('USER_GROUP_MEMBER_INVALID');
    expect(await refusal(get(id, stranger))).toBe('USER_GROUP_NOT_FOUND');
    expect(await stranger.call('userGroups.list')).toEqual({ items: [] });
    const room = await openGroup(stranger);
    expect(await refusal(send(stranger, room, 'hello', { mentions: [id] }))).toBe('MENTION_INVALID');
  });

  it('loses a person who is erased', async () => {
    const leaving = await app.person('leaving');
    const { id } = await create(owner, [leaving.id, bob.id]);
    await owner.call('admin.deleteUser', { userId: leaving.id });
    await passErasure(app, leaving);
    expect(await get(id)).toMatchObject({ memberIds: [bob.id], memberCount: 1 });
  });
});

describe('a mention of a user group', () => {
  it('mentions those of its members who are in the conversation, each once, and not the sender', async () => {
    const { id } = await create(owner, [owner.id, bob.id, dave.id]);
    const room = await openGroup(owner, [bob, carol]);
    const { mentions } = await send(owner, room, '@group and @bob, hello', { mentions: [id, bob.id] });
    expect(mentions).toEqual([bob.id]);
    await app.settled();
    const unread = (await bob.call('conversations.get', { conversationId: room.id })).unread;
    expect(unread).toEqual({ messages: 1, mentions: 1 });
    expect((await carol.call('conversations.get', { conversationId: room.id })).unread).toEqual({ messages: 1, mentions: 0 });
  });

  it('passes over those who were in the conversation once, and names them to nobody', async () => {
    const { id } = await create(owner, [bob.id, carol.id, dave.id]);
    const room = await openGroup(owner, [bob, carol, dave]);
    await bob.call('conversations.leave', { conversationId: room.id });
    await owner.call('members.remove', { conversationId: room.id, userId: dave.id });
    const sent = await send(owner, room, '@group, hello', { mentions: [id] });
    expect(sent.mentions).toEqual([carol.id]);
    const plain = await send(owner, room, 'hello');
    expect(await owner.call('messages.edit', { messageId: plain.id, content: '@group', mentions: [id] })).toMatchObject({
      mentions: [carol.id],
    });
  });

  it('passes over those across a block, in either direction, without a word of it', async () => {
    const [erin, frank] = [await app.person('erin'), await app.person('frank')];
    const { id } = await create(owner, [erin.id, frank.id, carol.id]);
    const room = await openGroup(owner, [bob, carol, erin, frank]);
    await erin.call('blocks.put', { userId: bob.id });
    await bob.call('blocks.put', { userId: frank.id });
    expect(await send(bob, room, '@group, hello', { mentions: [id] })).toMatchObject({ mentions: [carol.id] });
    await bob.call('blocks.delete', { userId: frank.id });
  });

  it('stands in edits, threads and scheduled messages, and a resend is the same message', async () => {
    const { id } = await create(owner, [bob.id]);
    const room = await openGroup(owner, [bob, carol]);
    const plain = await send(owner, room, 'hello', { clientMessageId: randomUUID() });
    const edited = await owner.call('messages.edit', { messageId: plain.id, content: '@group hello', mentions: [id, carol.id] });
    expect(edited.mentions.toSorted()).toEqual([bob.id, carol.id].toSorted());
    const sent = { mentions: [id], clientMessageId: randomUUID(), threadRootId: plain.id };
    const first = await send(owner, room, '@group', sent);
    await update(id, { memberIds: [bob.id, carol.id] });
    expect(await send(owner, room, '@group', sent)).toEqual(first);
    const sendAt = new Date(Date.now() + 3_600_000).toISOString();
    await owner.call('scheduled.create', { conversationId: room.id, content: 'later, @group', mentions: [id], sendAt });
  });

  it('mentions nobody where nobody of it is there, in a direct conversation too', async () => {
    const { id } = await create(owner, [dave.id]);
    expect(await send(owner, await openGroup(owner, [bob]), 'hello', { mentions: [id, '@all'] })).toMatchObject({ mentions: ['@all'] });
    expect(await send(owner, await openDirect(owner, carol), 'hello', { mentions: [id] })).not.toHaveProperty('mentions');
    const opening = await app.person('frank');
    expect(await owner.call('messages.send', { toUserId: opening.id, content: 'hello', mentions: [id] })).not.toHaveProperty('mentions');
  });

  it('refuses more people than a message may mention', async () => {
    const people: Caller[] = [];
    for (let at = 0; at <= userGroupLimits.mentioned; at += 1) people.push(await app.person(`one-${at}`));
    const [first = owner, ...others] = people;
    const [one, rest] = [
      await create(owner, [first.id]),
      await create(
        owner,
        others.map(({ id }) => id),
      ),
    ];
    const room = await openGroup(owner, others);
    await owner.call('members.add', { conversationId: room.id, userIds: [first.id] });
    expect(await refusal(send(owner, room, 'all of you', { mentions: [one.id, rest.id] }))).toBe('MENTION_INVALID');
    expect((await send(owner, room, 'most of you', { mentions: [rest.id] })).mentions).toHaveLength(others.length);
  });
});
