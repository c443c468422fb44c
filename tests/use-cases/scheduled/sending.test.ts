import { randomUUID } from 'node:crypto';
import { notifyOfFailure } from '@coucou/application/notifications/notify-of-scheduled';
import { deletePerson, deletionPorts } from '@coucou/application/privacy/delete-person';
import { describe, expect, it } from 'vitest';
import type { Payload } from '../../support/event-log.ts';
import type { Caller, TestApp } from '../../support/test-app.ts';
import { openDirect, openGroup, refusal, send } from '../calls.ts';
import { get, inHours, messages, named, schedule, type Stage, texts, useStage } from './stage.ts';

/** Scheduled messages: what happens when their time has come. */

let stage: Stage;
let app: TestApp;
let alice: Caller;
let bob: Caller;
useStage((opened) => ({ app, alice, bob } = stage = opened));

/** Of what they had scheduled. */
const notified = async (who: Caller): Promise<Payload[]> =>
  (await who.call('notifications.list')).items.filter(({ kind }: Payload) => kind === 'scheduledFailed');

describe('when its time has come', () => {
  it('a message is sent as it would have been then, and is no longer scheduled', async () => {
    const group = await openGroup(alice, [bob]);
    const attachmentIds = [await app.attachment(alice)];
    const root = await send(bob, group, 'well?');
    const more = { attachmentIds, replyToId: root.id, mentions: [bob.id], expiresInSeconds: 3_600, data: { a: 1 } };
    const scheduled = await schedule(alice, group, more);
    await app.settled();
    expect(await texts(bob, group)).toEqual(['well?']);
    await stage.elapse();
    const [, message] = await messages(bob, group);
    expect(message).toMatchObject({ senderId: alice.id, content: 'later', replyToId: root.id, mentions: [bob.id], data: { a: 1 } });
    expect(message).toMatchObject({ attachments: [{ id: attachmentIds[0] }], expiresAt: expect.any(String) });
    expect(await refusal(get(alice, scheduled))).toBe('SCHEDULED_MESSAGE_NOT_FOUND');
    expect(stage.feed(scheduled)).toEqual([
      expect.objectContaining({ state: 'scheduled', conversationId: group.id }),
      expect.objectContaining({ state: 'sent', messageId: message?.['id'] }),
    ]);
    expect((await bob.call('notifications.list', { limit: 1 })).items).toMatchObject([{ kind: 'mention', messageId: message?.['id'] }]);
  });

  it('messages of one second are sent in the order in which they were written', async () => {
    const group = await openGroup(alice, [bob]);
    const sendAt = inHours(1);
    for (const content of ['one', 'two', 'three']) await schedule(alice, group, { content, sendAt });
    await stage.elapse();
    expect(await texts(bob, group)).toEqual(['one', 'two', 'three']);
  });

  it('one that was put forward is sent at once, and not again at the time that it had', async () => {
    const group = await openGroup(alice, [bob]);
    const scheduled = await schedule(alice, group);
    await alice.call('scheduled.update', { ...named(scheduled), content: 'now', sendAt: inHours(0) });
    await app.settled();
    expect(await texts(bob, group)).toEqual(['now']);
    await stage.elapse();
    expect(await texts(bob, group)).toEqual(['now']);
  });

  it('what belongs to the account is sent in the name of its sender', async () => {
    const group = await openGroup(alice, [bob]);
    const input = { conversationId: group.id, senderId: bob.id, content: 'news', sendAt: inHours(1) };
    await app.byKey(['scheduled:write']).call('admin.scheduleMessage', input);
    await stage.elapse();
    expect(await messages(alice, group)).toMatchObject([{ senderId: bob.id, content: 'news' }]);
    expect((await app.byKey(['scheduled:read']).call('admin.listScheduledMessages')).items).toEqual([]);
  });

  it('its files are there, however long ago they were uploaded', async () => {
    const group = await openGroup(alice, [bob]);
    const [kept, unused] = [await app.attachment(alice), await app.attachment(alice)];
    await schedule(alice, group, { attachmentIds: [kept] });
    const soon = new Date(Date.now() + 3_600_000);
    const removed = await app.uow.write(alice.account, (tx) =>
      tx.attachments.removeExpired({ pendingBefore: soon, unusedBefore: soon, limit: 100 }),
    );
    expect(removed.map(({ id }) => id)).toContain(unused);
    expect(removed.map(({ id }) => id)).not.toContain(kept);
    await stage.elapse();
    expect(await messages(bob, group)).toMatchObject([{ attachments: [{ id: kept }] }]);
  });
});

describe('what is not allowed any more when its time has come', () => {
  const group = () => openGroup(alice, [bob]);
  it.each<[string, string, () => Promise<Payload>, (conversation: Payload) => Promise<unknown>]>([
    ['who was removed', 'CONVERSATION_NOT_FOUND', group, ({ id }) => alice.call('members.remove', { conversationId: id, userId: bob.id })],
    [
      'who was muted',
      'POSTING_NOT_ALLOWED',
      group,
      ({ id }) => alice.call('members.update', { conversationId: id, userId: bob.id, mutedUntil: inHours(100) }),
    ],
    [
      'a role that may not post any more',
      'POSTING_NOT_ALLOWED',
      group,
      ({ id }) => alice.call('conversations.update', { conversationId: id, settings: { announcementsOnly: true } }),
    ],
    [
      'a conversation that is gone',
      'CONVERSATION_NOT_FOUND',
      group,
      ({ id }) => alice.call('conversations.delete', { conversationId: id }),
    ],
    ['a block', 'POSTING_NOT_ALLOWED', () => openDirect(bob, alice), () => alice.call('blocks.put', { userId: bob.id })],
    ['a hook', 'FORBIDDEN', group, async () => void (stage.obstacles.refuses = true)],
    ['who is suspended', 'USER_SUSPENDED', group, () => app.sql('update app_user set suspended_at = now() where id = $1', [bob.id])],
    [
      'an account that is suspended',
      'ACCOUNT_SUSPENDED',
      group,
      () => app.uow.system('accounts', (tx) => tx.suspendAccount(alice.account, true)),
    ],
  ])('%s: is refused, kept, and told to its author', async (_, code, open, change) => {
    const conversation = await open();
    const scheduled = await schedule(bob, conversation);
    await change(conversation);
    app.told.length = 0;
    await stage.elapse();
    await app.sql('update app_user set suspended_at = null where id = $1', [bob.id]);
    await app.uow.system('accounts', (tx) => tx.suspendAccount(alice.account, false));
    await alice.call('blocks.delete', { userId: bob.id });
    expect(await get(bob, scheduled)).toMatchObject({ status: 'failed', refusal: code, refusals: 1, sendAt: scheduled.sendAt });
    expect(stage.feed(scheduled)).toEqual([
      { scheduledMessageId: scheduled.id, conversationId: conversation['id'], state: 'failed', code },
    ]);
    expect(app.told.filter(({ event }) => event === 'message:new')).toEqual([]);
    const about = { kind: 'scheduledFailed', actorId: bob.id, conversationId: conversation['id'], scheduledMessageId: scheduled.id };
    expect(await notified(bob)).toMatchObject([about]);
    await stage.elapse();
    expect(await get(bob, scheduled)).toMatchObject({ refusals: 1 });
    await bob.call('scheduled.delete', named(scheduled));
  });

  it('its author is notified once, also as a former member, until they correct or delete it', async () => {
    const conversation = await group();
    const scheduled = await schedule(bob, conversation);
    const mute = (mutedUntil: string | null) =>
      alice.call('members.update', { conversationId: conversation['id'], userId: bob.id, mutedUntil });
    const correct = () => bob.call('scheduled.update', { ...named(scheduled), content: 'again', sendAt: inHours(1) });
    const withdrawn = () =>
      app.told
        .filter(({ event, payload }) => event === 'user:event' && payload['kind'] === 'notification.removed')
        .map(({ payload }) => payload['payload'].notificationId);
    await mute(inHours(100));
    await stage.elapse();
    const [first] = await notified(bob);
    app.told.length = 0;
    await mute(null);
    await correct();
    await app.settled();
    expect([await notified(bob), withdrawn()]).toEqual([[], [first?.['id']]]);
    await mute(inHours(100));
    await stage.elapse();
    const [second, ...more] = await notified(bob);
    expect(more).toEqual([]);
    expect(second).not.toEqual(first);
    await alice.call('members.remove', { conversationId: conversation['id'], userId: bob.id });
    await app.settled();
    expect(await notified(bob)).toEqual([second]);
    await bob.call('scheduled.delete', named(scheduled));
    await app.settled();
    expect([await notified(bob), await notified(alice)]).toEqual([[], []]);
    expect(withdrawn()).toContain(second?.['id']);
  });

  it('nobody is notified of what was corrected before they could be', async () => {
    const conversation = await group();
    const scheduled = await schedule(bob, conversation);
    const failed = {
      id: randomUUID(),
      type: 'scheduled.failed',
      account: bob.account,
      userId: bob.id,
      scheduledMessageId: scheduled.id,
      revision: 1,
    };
    await bob.call('scheduled.update', { ...named(scheduled), content: 'again', sendAt: inHours(1) });
    await notifyOfFailure.run(app.container.portsOf(notifyOfFailure.deps), [failed]);
    expect(await notified(bob)).toEqual([]);
    await bob.call('scheduled.delete', named(scheduled));
  });

  it('of what belongs to the account nobody is notified', async () => {
    const conversation = await group();
    const input = { conversationId: conversation['id'], senderId: bob.id, content: 'news', sendAt: inHours(1) };
    const { id: scheduledMessageId } = await app.byKey(['scheduled:write']).call('admin.scheduleMessage', input);
    await alice.call('members.remove', { conversationId: conversation['id'], userId: bob.id });
    await stage.elapse();
    expect((await app.byKey(['scheduled:read']).call('admin.listScheduledMessages')).items).toMatchObject([{ status: 'failed' }]);
    await app.byKey(['scheduled:write']).call('admin.deleteScheduledMessage', { scheduledMessageId });
    await app.settled();
    expect(await notified(bob)).toEqual([]);
  });

  it('an attachment or a message that is gone refuses what refers to it, and its author may correct it', async () => {
    const conversation = await group();
    const [attachment, root] = [await app.attachment(bob), await send(alice, conversation, 'well?')];
    const [first, second] = [
      await schedule(bob, conversation, { attachmentIds: [attachment] }),
      await schedule(bob, conversation, { replyToId: root.id }),
    ];
    await app.sql('delete from attachment where id = $1', [attachment]);
    await alice.call('messages.delete', { messageId: root.id, for: 'everyone' });
    await stage.elapse();
    expect(await get(bob, first)).toMatchObject({ status: 'failed', refusal: 'ATTACHMENT_NOT_FOUND' });
    expect(await get(bob, second)).toMatchObject({ status: 'failed', refusal: 'MESSAGE_NOT_FOUND' });
    const corrected = await bob.call('scheduled.update', { ...named(first), content: 'corrected', sendAt: inHours(0) });
    expect(corrected).toMatchObject({ status: 'scheduled' });
    expect(corrected).not.toHaveProperty('refusal');
    await app.settled();
    expect(await texts(alice, conversation)).toContain('corrected');
  });

  it('who was deleted sends nothing any more', async () => {
    const erin = await app.person('erin');
    const conversation = await openGroup(alice, [erin]);
    await schedule(erin, conversation);
    const call = { account: erin.account, client: { ip: '127.0.0.1', userAgent: 'test' } };
    await deletePerson(app.container.portsOf(deletionPorts), { person: erin.id }, call);
    await stage.elapse();
    expect(await texts(alice, conversation)).toEqual([]);
  });

  it('slow mode puts off, one message after the other', async () => {
    const conversation = await openGroup(alice, [bob], { settings: { slowModeSeconds: 3_600 } });
    const [first, second] = [await schedule(bob, conversation, { content: 'one' }), await schedule(bob, conversation, { content: 'two' })];
    await stage.elapse();
    expect(await texts(alice, conversation)).toEqual(['one']);
    expect(await refusal(get(bob, first))).toBe('SCHEDULED_MESSAGE_NOT_FOUND');
    expect(await get(bob, second)).toEqual(second);
    await alice.call('conversations.update', { conversationId: conversation['id'], settings: { slowModeSeconds: 0 } });
    await stage.elapse();
    expect(await texts(alice, conversation)).toEqual(['one', 'two']);
  });

  it('the limits of messages put off', async () => {
    const conversation = await group();
    const scheduled = await schedule(bob, conversation);
    stage.obstacles.isLimited = true;
    await stage.elapse();
    expect([await texts(alice, conversation), await get(bob, scheduled)]).toEqual([[], scheduled]);
    stage.obstacles.isLimited = false;
    await stage.elapse();
    expect(await texts(alice, conversation)).toEqual(['later']);
  });
});
