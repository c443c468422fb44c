import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Payload } from '../../../tests/support/event-log.ts';
import { type Caller, openTestApp, type TestApp } from '../../../tests/support/test-app.ts';
import { openGroup, send } from '../../../tests/use-cases/calls.ts';
import { feedOf, itemsOf, remove, save } from './saved.ts';

/** What was saved and can be read no more, in each way in which that comes about. */

let app: TestApp;
let alice: Caller;
let bob: Caller;
beforeAll(async () => {
  app = await openTestApp();
});
beforeEach(async () => {
  [alice, bob] = [await app.person('alice'), await app.person('bob')];
});
afterAll(() => app.close());

const rejoin = async (conversationId: string): Promise<void> => {
  await bob.call('conversations.leave', { conversationId });
  await alice.call('members.add', { conversationId, userIds: [bob.id] });
};

type End = (message: Payload, group: Payload) => Promise<unknown>;
const ends: readonly (readonly [string, End])[] = [
  ['deleted for everyone', ({ id }) => alice.call('messages.delete', { messageId: id, for: 'everyone' })],
  ['hidden by the person', ({ id }) => bob.call('messages.delete', { messageId: id, for: 'me' })],
  ['expired', () => app.dueNow()],
  ['of a group that the person left', (_, group) => bob.call('conversations.leave', { conversationId: group.id })],
  ['of a group that they were removed from', (_, group) => alice.call('members.remove', { conversationId: group.id, userId: bob.id })],
  ['of a group that they were banned from', (_, group) => alice.call('members.ban', { conversationId: group.id, userId: bob.id })],
  ['from before they joined again, where history begins with that', (_, group) => rejoin(group.id)],
];

describe('a saved message that is', () => {
  it.each(ends)('%s shows that it is not available, and nothing of what it said', async (_, end) => {
    const group = await openGroup(alice, [bob], { settings: { history: 'joined' } });
    const message = await send(alice, group, 'a secret by then', { expiresInSeconds: 3_600 });
    const saved = await save(bob, message, { note: 'my own words' });
    await save(alice, await send(alice, group, 'of somebody else'));
    expect(await itemsOf(bob)).toEqual([{ ...saved, message }]);
    await end(message, group);
    await app.settled();
    expect(await itemsOf(bob)).toEqual([saved]);
    await remove(bob, message);
    expect(await itemsOf(bob)).toEqual([]);
  });

  it('of a group that the person left is there again when they are', async () => {
    const group = await openGroup(alice, [bob]);
    const message = await send(alice, group, 'still there');
    const saved = await save(bob, message);
    await bob.call('conversations.leave', { conversationId: group.id });
    expect(await itemsOf(bob)).toEqual([saved]);
    await alice.call('members.add', { conversationId: group.id, userIds: [bob.id] });
    expect(await itemsOf(bob)).toEqual([{ ...saved, message }]);
  });

  it('a reply shows no more of what it replies to than history does', async () => {
    const group = await openGroup(alice, [bob]);
    const original = await send(alice, group, 'hidden later');
    const reply = await send(alice, group, 'a reply', { replyToId: original.id });
    await save(bob, reply);
    await bob.call('messages.delete', { messageId: original.id, for: 'me' });
    const [item] = await itemsOf(bob);
    expect(item?.message).toEqual(await bob.call('messages.get', { messageId: reply.id }));
    expect(JSON.stringify(item)).not.toContain('hidden later');
  });
});

it('goes with a conversation that is deleted, for everybody who saved something there', async () => {
  const [group, other] = [await openGroup(alice, [bob]), await openGroup(alice, [bob])];
  const [gone, stays] = [await send(alice, group, 'gone'), await send(alice, other, 'stays')];
  for (const who of [alice, bob]) for (const message of [gone, stays]) await save(who, message);
  app.told.length = 0;
  await alice.call('conversations.delete', { conversationId: group.id });
  expect((await itemsOf(bob)).map(({ messageId, message }) => [messageId, message?.content])).toEqual([
    [stays.id, 'stays'],
    [gone.id, undefined],
  ]);
  await app.settled();
  for (const who of [alice, bob]) {
    expect((await itemsOf(who)).map(({ messageId }) => messageId)).toEqual([stays.id]);
    expect(feedOf(app, who)).toEqual([['saved_message.removed', { messageId: gone.id }]]);
  }
});
