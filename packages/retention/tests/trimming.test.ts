import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Payload } from '../../../tests/support/event-log.ts';
import type { Caller, TestApp } from '../../../tests/support/test-app.ts';
import { about, openDirect, openGroup, refusal, send, versionsToRoom } from '../../../tests/use-cases/calls.ts';
import { fill, keep, openRetentionApp, seqsOf, trim, viewOf } from './retention.ts';

let app: TestApp;
let owner: Caller;
let bob: Caller;
let carol: Caller;
beforeAll(async () => {
  app = await openRetentionApp();
  [owner, bob, carol] = [await app.person('alice', undefined, 'owner'), await app.person('bob'), await app.person('carol')];
});
afterEach(() => {
  app.time.now = undefined;
});
afterAll(() => app.close());

const rows = (table: string, { id }: Payload): Promise<Payload[]> =>
  app.sql(`select seq from ${table} where conversation_id = $1 order by seq`, [id]);
const inDays = (days: number): Date => new Date(Date.now() + days * 86_400_000);

describe('messages', () => {
  it('are kept by count: older ones are gone for everybody, and deleted', async () => {
    const group = await openGroup(owner, [bob]);
    const sent = await fill(owner, group, 7);
    await keep(owner, group, { maxMessages: 3 });
    expect(await trim(app)).toMatchObject({ conversations: 1, trimmed: 4, removed: 4, archives: 0 });
    for (const who of [owner, bob]) {
      expect(await seqsOf(who, group)).toEqual([5, 6, 7]);
      expect(await viewOf(who, group)).toMatchObject({ firstSeq: 5, lastSeq: 7 });
      expect(await refusal(who.call('messages.get', { messageId: sent[3]?.id }))).toBe('MESSAGE_NOT_FOUND');
    }
    expect(await rows('message', group)).toEqual([{ seq: 5 }, { seq: 6 }, { seq: 7 }]);
    // Nothing is left to do.
    expect(await trim(app)).toMatchObject({ conversations: 0 });
  });

  it('are kept by age, in direct conversations too, and all of them may go', async () => {
    const direct = await openDirect(bob, carol);
    await fill(bob, direct, 3);
    await keep(owner, direct, { maxAgeDays: 30 });
    app.time.now = inDays(29);
    expect(await trim(app)).toMatchObject({ trimmed: 0 });
    app.time.now = inDays(31);
    expect(await trim(app)).toMatchObject({ trimmed: 3, removed: 3 });
    expect(await seqsOf(bob, direct)).toEqual([]);
    const view = await viewOf(bob, direct);
    expect(view).toMatchObject({ firstSeq: 4, lastSeq: 3, unread: { messages: 0 } });
    expect(view).not.toHaveProperty('lastMessage');
    app.time.now = undefined;
    expect(await send(carol, direct, 'still here?')).toMatchObject({ seq: 4 });
    expect(await viewOf(bob, direct)).toMatchObject({ unread: { messages: 1 }, lastMessage: { seq: 4 } });
  });

  it('disappear with one version, which every member is told', async () => {
    const group = await openGroup(owner, [bob]);
    await fill(owner, group, 5);
    await keep(owner, group, { maxMessages: 2 });
    app.told.length = 0;
    await trim(app);
    const { version } = await viewOf(bob, group);
    const [told, ...others] = about(app, group).filter(({ event }) => event === 'conversation:updated');
    expect(others).toEqual([]);
    expect(told).toMatchObject({
      to: { kind: 'conversation' },
      payload: { version, conversation: { id: group.id, firstSeq: 4, lastSeq: 5, version } },
    });
    expect(versionsToRoom(app, group)).toEqual([version]);
    // Who was there before begins anew; who was told goes on.
    const syncFrom = async (from: number) =>
      (await bob.call('sync.conversations', { user: {}, conversations: { [group.id]: { version: from } } })).conversations[0];
    const reset = await syncFrom(version - 1);
    expect(reset).toMatchObject({ reset: true, conversation: { firstSeq: 4 }, version });
    expect(reset.messages.map(({ seq }: Payload) => seq)).toEqual([4, 5]);
    expect(await syncFrom(version)).not.toHaveProperty('reset', true);
  });

  it('that were trimmed are unread to nobody, and who marked messages unread keeps that from the first one that stays', async () => {
    const group = await openGroup(owner, [bob, carol]);
    await fill(owner, group, 8);
    await carol.call('receipts.mark', { items: [{ conversationId: group.id, readSeq: 7 }] });
    await carol.call('membership.markUnread', { conversationId: group.id, fromSeq: 2 });
    await app.settled();
    app.told.length = 0;
    await keep(owner, group, { maxMessages: 4 });
    await trim(app);
    expect(await viewOf(bob, group)).toMatchObject({ unread: { messages: 4 }, membership: { readSeq: 4, deliveredSeq: 4 } });
    expect(await viewOf(carol, group)).toMatchObject({ unread: { messages: 4 }, membership: { readSeq: 7, unreadFromSeq: 5 } });
    const unreadTold = (who: Caller) =>
      app.told.filter(({ event, to }) => event === 'unread:updated' && to['userId'] === who.id).at(-1)?.payload;
    expect(unreadTold(bob)).toMatchObject({ conversationId: group.id, messages: 4 });
    expect(unreadTold(carol)).toMatchObject({ conversationId: group.id, messages: 4, unreadFromSeq: 5 });

    // What is read or marked later counts from what is kept.
    await bob.call('receipts.mark', { items: [{ conversationId: group.id, readSeq: 2 }] });
    expect(await viewOf(bob, group)).toMatchObject({ unread: { messages: 4 }, membership: { readSeq: 4 } });
    await bob.call('receipts.mark', { items: [{ conversationId: group.id, readSeq: 6 }] });
    expect(await viewOf(bob, group)).toMatchObject({ unread: { messages: 2 } });
    expect(await refusal(bob.call('membership.markUnread', { conversationId: group.id, fromSeq: 4 }))).toBe('MESSAGE_NOT_FOUND');
    await bob.call('membership.markUnread', { conversationId: group.id, fromSeq: 5 });
    expect(await viewOf(bob, group)).toMatchObject({ unread: { messages: 4 } });
  });

  it('take with them what belongs to them, and leave the thread to its replies', async () => {
    const group = await openGroup(owner, [bob]);
    const attachment = await app.attachment(owner);
    const root = await send(owner, group, 'who comes?', { mentions: [bob.id] });
    await send(owner, group, 'look', { type: 'image', attachmentIds: [attachment] });
    await owner.call('messages.edit', { messageId: root.id, content: 'who comes along?' });
    await bob.call('reactions.put', { messageId: root.id, emoji: '👍' });
    await owner.call('pins.put', { messageId: root.id });
    const poll = await owner.call('polls.create', { conversationId: group.id, question: 'when?', options: ['now', 'later'] });
    await app.settled();
    const reply = await send(bob, group, 'me', { threadRootId: root.id });
    const answer = await send(owner, group, 'good', { replyToId: root.id });
    const notified = async () =>
      (await bob.call('notifications.list', { limit: 100 })).items.filter(
        ({ conversationId, kind }: Payload) => conversationId === group.id && kind === 'mention',
      );
    expect(await notified()).toHaveLength(1);
    app.told.length = 0;
    await keep(owner, group, { maxMessages: 2 });
    await trim(app);
    expect(await seqsOf(bob, group)).toEqual([reply.seq, answer.seq]);
    expect(await bob.call('messages.get', { messageId: reply.id })).toMatchObject({ threadRootId: root.id });
    expect((await bob.call('pins.list', { conversationId: group.id })).items).toEqual([]);
    expect(await refusal(bob.call('threads.get', { messageId: root.id }))).toBe('MESSAGE_NOT_FOUND');
    expect(await app.sql('select id from poll where id = $1', [poll.id])).toEqual([]);
    for (const table of ['mention', 'message_edit', 'reaction', 'attachment_use'])
      expect([table, await rows(table, group)]).toEqual([table, []]);
    // Its place in the thread is all that is left of the root.
    expect(await app.sql('select content, reactions, pinned_at from message where id = $1', [root.id])).toEqual([
      { content: null, reactions: {}, pinned_at: null },
    ]);
    expect(await notified()).toEqual([]);
    expect(app.told.filter(({ payload }) => payload['kind'] === 'notification.removed')).toHaveLength(1);

    await keep(owner, group, { maxMessages: 1 });
    await trim(app);
    expect(await app.sql('select from message where id = $1', [root.id])).toEqual([]);
  });

  it('of a deleted conversation go as well', async () => {
    const group = await openGroup(owner, [bob]);
    await fill(owner, group, 4);
    await keep(owner, group, { maxAgeDays: 1 });
    await owner.call('conversations.delete', { conversationId: group.id });
    app.time.now = inDays(2);
    expect(await trim(app)).toMatchObject({ trimmed: 4, removed: 4 });
    expect(await rows('message', group)).toEqual([]);
  });

  it('stay where the work was to stop, and go with the next run', async () => {
    const group = await openGroup(owner, [bob]);
    await fill(owner, group, 4);
    await keep(owner, group, { maxMessages: 1 });
    expect(await trim(app, { aborted: true })).toMatchObject({ trimmed: 0 });
    // Killed after the messages had disappeared, before they were deleted.
    await app.sql('update conversation set first_seq = 3 where id = $1', [group.id]);
    expect(await trim(app)).toMatchObject({ trimmed: 1, removed: 3 });
    expect(await rows('message', group)).toEqual([{ seq: 4 }]);
  });
});
