import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Payload } from '../../../tests/support/event-log.ts';
import type { Caller, TestApp } from '../../../tests/support/test-app.ts';
import { create, deliveries, openHookApp, pass } from './hooks.ts';
import { answer, idOf, openReceiver, type Receiver, take, verify } from '../../../tests/support/webhook-receiver.ts';

let app: TestApp;
let receiver: Receiver;
let owner: Caller;
let bob: Caller;
beforeAll(async () => {
  app = await openHookApp();
});
beforeEach(async () => {
  const account = await app.account();
  [owner, bob] = [await app.person('alice', account, 'owner'), await app.person('bob', account)];
  receiver = await openReceiver();
});
afterEach(async () => {
  app.time.now = undefined;
  await receiver.close();
});
afterAll(() => app.close());

const openGroup = (): Promise<Payload> => owner.call('conversations.create', { type: 'group', title: 'Lunch', memberIds: [bob.id] });
const post = (conversationId: string, content: string, by = bob): Promise<Payload> => by.call('messages.send', { conversationId, content });
const typesOf = (events: readonly Payload[]): string[] => events.map(({ type }) => type);

describe('an event', () => {
  it('arrives signed, with its ids and what they stand for', async () => {
    const { webhook, secret } = await create(owner, receiver.url);
    const { id: conversationId } = await openGroup();
    const message = await post(conversationId, 'hello');
    await app.settled();
    await bob.call('messages.edit', { messageId: message.id, content: 'hello all' });
    await app.settled();
    await bob.call('messages.delete', { messageId: message.id, for: 'everyone' });
    await owner.call('conversations.update', { conversationId, title: 'Dinner' });
    const carol = await app.person('carol', owner.account);
    await owner.call('members.add', { conversationId, userIds: [carol.id] });
    await app.settled();
    await owner.call('members.update', { conversationId, userId: carol.id, role: 'moderator' });
    await app.settled();
    await carol.call('conversations.leave', { conversationId });
    await bob.call('users.updateMe', { displayName: 'Bobby' });
    await app.settled();
    await owner.call('conversations.delete', { conversationId });
    await app.settled();

    const events = receiver.verified(secret);
    const byType = (type: string): Payload => events.find((event) => event.type === type);
    expect(typesOf(events).toSorted()).toEqual([
      'conversation.created',
      'conversation.deleted',
      'conversation.updated',
      'member.joined',
      'member.left',
      'member.updated',
      'message.created',
      'message.deleted',
      'message.updated',
      'user.updated',
    ]);
    for (const event of events)
      expect(event).toEqual({ type: event.type, timestamp: expect.stringMatching(/Z$/), data: expect.any(Object) });
    const ids = { conversationId, messageId: message.id };
    expect(byType('conversation.created').data).toMatchObject({ conversationId, version: 1, userIds: [owner.id, bob.id] });
    expect(byType('message.created').data).toEqual({ ...ids, version: 2, message });
    expect(byType('message.updated').data).toMatchObject({ ...ids, version: 3, seq: 1, message: { content: 'hello all' } });
    expect(byType('message.deleted').data).toEqual({ ...ids, version: 4, seq: 1 });
    expect(byType('conversation.updated').data).toMatchObject({ conversationId, version: 5, conversation: { title: 'Dinner' } });
    expect(byType('member.joined').data).toMatchObject({ version: 6, userId: carol.id, byId: owner.id });
    expect(byType('member.joined').data.member).toMatchObject({ userId: carol.id, user: { displayName: 'carol' } });
    expect(byType('member.updated').data).toMatchObject({ version: 7, userId: carol.id, member: { role: 'moderator' } });
    expect(byType('member.left').data).toEqual({ conversationId, version: 8, userId: carol.id, reason: 'left' });
    expect(byType('user.updated').data).toMatchObject({ userId: bob.id, user: { displayName: 'Bobby' } });
    expect(byType('conversation.deleted').data).toEqual({ conversationId, version: 9 });
    expect(JSON.stringify(events)).not.toContain('@example.com');
    expect(receiver.requests[0]?.headers).toMatchObject({
      'content-type': 'application/json',
      'webhook-id': expect.stringMatching(/^evt_[\w-]+$/),
    });
    expect(await deliveries(owner, webhook.id, { state: 'pending' })).toEqual([]);
  });

  it('goes to each webhook that subscribes to it, under one id, and to no other account', async () => {
    const eve = await app.person('eve', await app.account(), 'owner');
    const [first, second] = [await create(owner, receiver.url), await create(owner, receiver.url, { events: ['message.created'] })];
    const { webhook: other } = await create(eve, receiver.url);
    const { id } = await openGroup();
    await post(id, 'hello');
    await app.settled();
    const messages = receiver.requests.filter(({ body }) => body.includes('message.created'));
    expect(messages).toHaveLength(2);
    expect(new Set(messages.map(idOf)).size).toBe(1);
    expect(await deliveries(owner, second.webhook.id)).toMatchObject([{ event: 'message.created', state: 'delivered', attempts: 1 }]);
    expect((await deliveries(owner, first.webhook.id)).map(({ event }) => event)).toEqual(
      expect.arrayContaining(['message.created', 'conversation.created']),
    );
    expect(await deliveries(eve, other.id)).toEqual([]);
  });

  it('says nothing of a message that was deleted before it went out', async () => {
    const { secret } = await create(owner, receiver.url, { events: ['message.created'] });
    const { id } = await openGroup();
    const message = await post(id, 'a secret');
    receiver.behave(answer(500));
    await app.settled();
    await bob.call('messages.delete', { messageId: message.id, for: 'everyone' });
    receiver.behave(take);
    await pass(app, 10);
    const last = receiver.verified(secret).at(-1);
    expect(last.data.message).toMatchObject({ id: message.id, deletedAt: expect.any(String) });
    expect(last.data.message).not.toHaveProperty('content');
  });

  it('is signed by both secrets during the overlap of a rotation, and then by the new one', async () => {
    const { webhook, secret } = await create(owner, receiver.url, { events: ['user.updated'] });
    const rotated = await owner.call('admin.rotateWebhookSecret', { webhookId: webhook.id, overlapSeconds: 3_600 });
    expect(rotated.secret).not.toBe(secret);
    await bob.call('users.updateMe', { displayName: 'B' });
    await app.settled();
    const [during] = receiver.requests;
    if (during === undefined) throw new Error('nothing came');
    expect(during.headers['webhook-signature']?.split(' ')).toHaveLength(2);
    for (const each of [secret, rotated.secret]) expect(verify(each, during).type).toBe('user.updated');

    app.time.now = new Date(Date.now() + 3_601_000);
    await bob.call('users.updateMe', { displayName: 'Bo' });
    await app.settled();
    const signatures = receiver.requests.at(-1)?.headers['webhook-signature'];
    expect(signatures?.split(' ')).toHaveLength(1);
  });
});

describe('the order of a conversation', () => {
  it('is kept: nothing goes before what failed, and other conversations go on', async () => {
    const { webhook, secret } = await create(owner, receiver.url, { events: ['message.created'], ordered: true });
    const [one, two] = [await openGroup(), await openGroup()];
    let failing = true;
    receiver.behave((response, { body }) => response.writeHead(failing && body.includes('first of one') ? 500 : 204).end());
    for (const content of ['first of one', 'second of one', 'third of one']) await post(one.id, content);
    for (const content of ['first of two', 'second of two']) await post(two.id, content);
    await app.settled();
    const contents = () => receiver.verified(secret).map(({ data }) => data.message.content);
    expect(contents().toSorted()).toEqual(['first of one', 'first of two', 'second of two']);
    failing = false;
    await pass(app, 6);
    expect(contents().filter((content) => content.endsWith('one'))).toEqual([
      'first of one',
      'first of one',
      'second of one',
      'third of one',
    ]);
    expect(await deliveries(owner, webhook.id, { state: 'pending' })).toEqual([]);
  });

  it('waits for an earlier event that is still in the outbox', async () => {
    [owner, bob] = [await app.person('alice', undefined, 'owner'), await app.person('bob')];
    const { webhook, secret } = await create(owner, receiver.url, { events: ['message.created', 'message.updated'], ordered: true });
    const { id: conversationId } = await openGroup();
    const message = await post(conversationId, 'first');
    await app.settled();
    // As if a node had taken this one out and died: it comes back later than those after it.
    const late = JSON.stringify({ conversationId, messageIds: [message.id], version: message.version });
    await app.sql(
      `insert into outbox (account_id, id, type, payload, stored_by, due_at)
       values ($1, gen_random_uuid(), 'message.posted', $2::jsonb, null, now() + interval '1 hour')`,
      [owner.account, late],
    );
    await bob.call('messages.edit', { messageId: message.id, content: 'changed' });
    await app.settled();
    const other = await openGroup();
    await post(other.id, 'elsewhere');
    await app.settled();
    expect(typesOf(receiver.verified(secret))).toEqual(['message.created', 'message.created']);
    await pass(app, 0);
    await app.dueNow();
    await app.settled();
    expect(typesOf(receiver.verified(secret).filter(({ data }) => data.conversationId === conversationId))).toEqual([
      'message.created',
      'message.created',
      'message.updated',
    ]);
    await owner.call('admin.deleteWebhook', { webhookId: webhook.id });
  });
});
