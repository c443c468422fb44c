import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Payload } from '../../../tests/support/event-log.ts';
import { type Caller, openTestApp, type TestApp } from '../../../tests/support/test-app.ts';
import { openGroup, refusal } from '../../../tests/use-cases/calls.ts';
import { createPoll, get, vote } from './polls.ts';

/** The poll as part of its message: wherever a message is read, and whatever happens to it. */

let app: TestApp;
let alice: Caller;
let bob: Caller;
beforeAll(async () => {
  app = await openTestApp();
  [alice, bob] = await Promise.all([app.person('alice'), app.person('bob')]);
});
beforeEach(() => {
  app.told.length = 0;
});
afterAll(() => app.close());

const rows = async ({ id }: { id: string }) => [
  ...(await app.sql('select id from poll where id = $1', [id])),
  ...(await app.sql('select poll_id as id from poll_vote where poll_id = $1', [id])),
];

describe('the message of a poll', () => {
  it('carries the counts in history, by its id, in the list of conversations and in sync', async () => {
    const group = await openGroup(alice, [bob]);
    const message = await createPoll(alice, group);
    const { poll, version } = await vote(bob, message, '2');
    const now = { ...message, poll, version };
    expect((await alice.call('messages.list', { conversationId: group.id })).items).toEqual([now]);
    expect(await alice.call('messages.get', { messageId: message.id })).toEqual(now);
    expect((await alice.call('conversations.get', { conversationId: group.id })).lastMessage).toEqual(now);
    const sync = (from: number) => alice.call('sync.conversations', { conversations: { [group.id]: { version: from } } });
    expect((await sync(message.version)).conversations).toMatchObject([{ id: group.id, version, messages: [now] }]);
    expect((await sync(version)).conversations).toMatchObject([{ version, messages: [] }]);
  });

  it('is not edited, and shows its question when it is replied to', async () => {
    const group = await openGroup(alice, [bob]);
    const message = await createPoll(alice, group);
    expect(await refusal(alice.call('messages.edit', { messageId: message.id, content: 'Else?' }))).toBe('FORBIDDEN');
    const reply = await bob.call('messages.send', { conversationId: group.id, content: 'home', replyToId: message.id });
    expect(reply.replyTo).toMatchObject({ id: message.id, type: 'custom', content: 'Where do we go?' });
  });

  it('is forwarded as what it asks', async () => {
    const [from, to] = [await openGroup(alice, [bob]), await openGroup(bob)];
    const message = await createPoll(alice, from);
    const { items } = await bob.call('forwards.create', { messageId: message.id, conversationIds: [to.id] });
    expect(items).toMatchObject([{ conversationId: to.id, type: 'text', content: 'Where do we go?', forwarded: true }]);
    expect(items.some((copy: Payload) => 'poll' in copy)).toBe(false);
    expect(await refusal(vote(bob, items[0], '1'))).toBe('POLL_NOT_FOUND');
  });

  it('is kept as evidence with the poll when it is reported', async () => {
    const group = await openGroup(alice, [bob]);
    const message = await createPoll(alice, group, { options: ['outrageous', 'polite'] });
    const { id } = await bob.call('reports.create', { messageId: message.id, reason: 'rude' });
    await alice.call('messages.delete', { messageId: message.id, for: 'everyone' });
    const [report] = await app.sql('select snapshot from report where id = $1', [id]);
    expect(report?.['snapshot']).toMatchObject({ content: 'Where do we go?', parts: { poll: message.poll } });
  });

  it('takes the poll and its votes with it when it is deleted for everyone', async () => {
    const group = await openGroup(alice, [bob]);
    const [message, other] = [await createPoll(alice, group), await createPoll(alice, group)];
    for (const poll of [message, other]) await vote(bob, poll, '1');
    await alice.call('messages.delete', { messageId: message.id, for: 'everyone' });
    expect(await refusal(vote(bob, message, '2'))).toBe('POLL_NOT_FOUND');
    expect(await refusal(get(alice, message))).toBe('POLL_NOT_FOUND');
    const deleted = await alice.call('messages.get', { messageId: message.id });
    expect([deleted.deletedAt !== undefined, 'poll' in deleted, 'content' in deleted]).toEqual([true, false, false]);
    await app.settled();
    expect(await rows(message)).toEqual([]);
    expect(await rows(other)).toEqual([{ id: other.id }, { id: other.id }]);
  });
});
