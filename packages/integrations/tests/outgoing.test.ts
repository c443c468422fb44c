import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Payload } from '../../../tests/support/event-log.ts';
import type { Caller, TestApp } from '../../../tests/support/test-app.ts';
import { answer, idOf, openReceiver, type Receiver, take } from '../../../tests/support/webhook-receiver.ts';
import { check, groupOf, incoming, openIntegrationApp, outgoing, pass, RETRIES, shown } from './integrations.ts';

let app: TestApp;
let receiver: Receiver;
let owner: Caller;
let bob: Caller;
let conversationId: string;
beforeAll(async () => {
  app = await openIntegrationApp();
});
beforeEach(async () => {
  const account = await app.account();
  [owner, bob] = [await app.person('alice', account, 'owner'), await app.person('bob', account)];
  conversationId = (await groupOf(owner, [bob])).id;
  receiver = await openReceiver();
});
afterEach(async () => {
  app.time.now = undefined;
  await receiver.close();
});
afterAll(() => app.close());

const say = (content: string, more: object = {}): Promise<Payload> => bob.call('messages.send', { conversationId, content, ...more });
const messages = async (): Promise<Payload[]> => (await owner.call('messages.list', { conversationId, limit: 50 })).items;
const contents = async (): Promise<string[]> => (await messages()).map(({ content }) => content);
const told = (): Payload[] => receiver.requests.map(({ body }) => JSON.parse(body));

describe('an outgoing webhook', () => {
  it('is told of new messages of its conversation, signed', async () => {
    const { integration, secret } = await outgoing(owner, conversationId, receiver.url);
    const elsewhere = (await groupOf(owner, [bob])).id;
    await bob.call('messages.send', { conversationId: elsewhere, content: 'elsewhere' });
    const message = await say('hello');
    await app.settled();
    expect(receiver.verified(secret)).toEqual([
      {
        type: 'message.created',
        timestamp: expect.stringMatching(/Z$/),
        data: { integrationId: integration.id, conversationId, message },
      },
    ]);
    expect(receiver.requests.map(idOf)).toEqual([`msg_${message.id}`]);
    expect(await shown(owner, integration.id)).toMatchObject({ failures: 0, givenUp: 0, lastDeliveredAt: expect.any(String) });
  });

  it('is told of what begins with a trigger', async () => {
    await outgoing(owner, conversationId, receiver.url, { triggers: ['Deploy', '!roll back'] });
    for (const text of ['deploy now', ' DEPLOY', 'deployment', 'please deploy', '!roll back it', 'deploy: api']) await say(text);
    await app.settled();
    const heard = told().map(({ data }) => data.message.content);
    expect(heard.toSorted()).toEqual([' DEPLOY', '!roll back it', 'deploy now', 'deploy: api'].toSorted());
  });

  it('answers with a reply, once, by whoever posts for it', async () => {
    receiver.behave(answer(200, { 'content-type': 'application/json' }, '{"text":"On my way."}'));
    const { integration } = await outgoing(owner, conversationId, receiver.url, { userId: owner.id });
    const message = await say('deploy');
    await app.settled();
    const [, reply] = await messages();
    expect(reply).toMatchObject({
      content: 'On my way.',
      senderId: owner.id,
      replyTo: { id: message.id },
      integration: { id: integration.id },
    });
    expect(await messages()).toHaveLength(2);
  });

  it('answers in the thread that it was asked in', async () => {
    receiver.behave(answer(200, {}, '{"content":"Here."}'));
    await outgoing(owner, conversationId, receiver.url, { userId: owner.id, triggers: ['where'] });
    const root = await say('a thread');
    await say('where?', { threadRootId: root.id });
    await app.settled();
    const { items } = await owner.call('threads.get', { messageId: root.id, limit: 10 });
    expect(items.map(({ content }: Payload) => content)).toEqual(['where?', 'Here.']);
  });

  it.each<[string, string]>([
    ['no JSON', 'On my way.'],
    ['an array', '["text"]'],
    ['an empty text', '{"text":" "}'],
    ['a text that is none', '{"text":{"a":1}}'],
    ['half of it', '{"text":"On'],
  ])('says nothing for %s', async (_, body) => {
    receiver.behave(answer(200, {}, body));
    await outgoing(owner, conversationId, receiver.url, { userId: owner.id });
    await say('deploy');
    await app.settled();
    expect(await contents()).toEqual(['deploy']);
  });

  it('is told of nothing that an integration posted, so that two of them do not talk for ever', async () => {
    receiver.behave(answer(200, {}, '{"text":"And you?"}'));
    await outgoing(owner, conversationId, receiver.url, { userId: owner.id });
    await outgoing(owner, conversationId, receiver.url, { userId: bob.id });
    const { secret } = await incoming(owner, conversationId, bob.id);
    await app.visitor().call('integrations.post', { token: secret, content: 'by itself' });
    await say('by bob');
    await app.settled();
    expect(told().map(({ data }) => data.message.content)).toEqual(['by bob', 'by bob']);
    expect((await contents()).toSorted()).toEqual(['And you?', 'And you?', 'by bob', 'by itself']);
  });

  it('has a reply that is refused as its failure, and is not told again', async () => {
    receiver.behave(answer(200, {}, JSON.stringify({ text: 'x'.repeat(6_000) })));
    const { integration } = await outgoing(owner, conversationId, receiver.url, { userId: owner.id });
    await say('deploy');
    await app.settled();
    expect(await shown(owner, integration.id)).toMatchObject({
      failures: 1,
      givenUp: 1,
      lastFailure: { outcome: 'posting', detail: expect.any(String) },
    });
    await pass(app, 600);
    expect(receiver.requests).toHaveLength(1);
  });

  it('has a reply posted that holds what no message can, without that', async () => {
    receiver.behave(answer(200, {}, String.raw`{"text":"all\u0000clear \ud800"}`));
    const { integration } = await outgoing(owner, conversationId, receiver.url, { userId: owner.id });
    await say('deploy');
    await app.settled();
    expect(await contents()).toEqual(['deploy', 'all\ufffdclear \ufffd']);
    expect(await shown(owner, integration.id)).toMatchObject({ failures: 0 });
    expect(receiver.requests).toHaveLength(1);
  });

  it('is told nothing of what was deleted meanwhile', async () => {
    receiver.behave(answer(503));
    await outgoing(owner, conversationId, receiver.url);
    app.time.now = new Date();
    const { id: messageId } = await say('a secret');
    await app.settled();
    await bob.call('messages.delete', { messageId, for: 'everyone' });
    await pass(app, 5);
    expect(receiver.requests).toHaveLength(1);
  });

  it('is told nothing more once it is disabled or deleted', async () => {
    const { integration } = await outgoing(owner, conversationId, receiver.url);
    await owner.call('admin.updateIntegration', { integrationId: integration.id, enabled: false });
    await say('one');
    await app.settled();
    await owner.call('admin.updateIntegration', { integrationId: integration.id, enabled: true });
    await owner.call('admin.deleteIntegration', { integrationId: integration.id });
    await say('two');
    await app.settled();
    expect(receiver.requests).toEqual([]);
  });
});

describe('what a receiver refuses', () => {
  it('is tried again, later each time, and given up in the end', async () => {
    receiver.behave(answer(503, {}, 'a secret of the receiver'));
    const { integration } = await outgoing(owner, conversationId, receiver.url);
    app.time.now = new Date();
    await say('hello');
    await app.settled();
    for (const [index, seconds] of RETRIES.entries()) {
      expect(receiver.requests).toHaveLength(index + 1);
      expect(await shown(owner, integration.id)).toMatchObject({
        failures: index + 1,
        givenUp: 0,
        failingSince: expect.any(String),
        lastFailure: { outcome: 'answered', detail: '503' },
      });
      await pass(app, seconds);
    }
    const given = await shown(owner, integration.id);
    expect(given).toMatchObject({ failures: RETRIES.length + 1, givenUp: 1, status: 'enabled' });
    await pass(app, 3_600);
    expect(receiver.requests).toHaveLength(RETRIES.length + 1);
    expect(new Set(receiver.requests.map(idOf)).size).toBe(1);
    expect(JSON.stringify(await app.sql('select * from integration'))).not.toContain('a secret of the receiver');
    receiver.behave(take);
    await say('back');
    await app.settled();
    const back = await shown(owner, integration.id);
    expect(back).toMatchObject({ failures: 0, givenUp: 1 });
    expect(back).not.toHaveProperty('failingSince');
  });

  it('waits for as long as `Retry-After` asks, with all that comes after', async () => {
    receiver.behave(answer(429, { 'retry-after': '300' }));
    const { integration } = await outgoing(owner, conversationId, receiver.url);
    app.time.now = new Date();
    await say('one');
    await app.settled();
    receiver.behave(take);
    await say('two');
    await app.settled();
    expect(receiver.requests).toHaveLength(1);
    const until = Date.parse((await shown(owner, integration.id)).pausedUntil);
    expect(until - app.time.now.getTime()).toBe(300_000);
    app.time.now = new Date(app.time.now.getTime() + 299_000);
    await app.settled();
    expect(receiver.requests).toHaveLength(1);
  });

  it('stalls nobody for long: after five failures it is left in peace, and what waits goes out later', async () => {
    receiver.behave(answer(500));
    const { integration } = await outgoing(owner, conversationId, receiver.url);
    app.time.now = new Date();
    for (let at = 0; at < 5; at += 1) {
      await say(`message ${at}`);
      await app.settled();
    }
    expect(await shown(owner, integration.id)).toMatchObject({ failures: 5, pausedUntil: expect.any(String) });
    const tried = receiver.requests.length;
    for (let at = 5; at < 20; at += 1) await say(`message ${at}`);
    await app.settled();
    expect(receiver.requests).toHaveLength(tried);
    // One of those that wait finds out, and the rest is not tried.
    await pass(app, 61);
    expect(receiver.requests).toHaveLength(tried + 1);
    expect(await shown(owner, integration.id)).toMatchObject({ failures: 6 });
    receiver.behave(take);
    for (let times = 0; times < 3; times += 1) await pass(app, 45);
    expect(new Set(receiver.requests.map(idOf)).size).toBe(20);
    expect(await shown(owner, integration.id)).toMatchObject({ failures: 0, givenUp: 0 });
  });

  it('disables it with 410, and the audit log says why', async () => {
    receiver.behave(answer(410));
    const { integration } = await outgoing(owner, conversationId, receiver.url);
    await say('hello');
    await app.settled();
    expect(await shown(owner, integration.id)).toMatchObject({ status: 'disabled', disabledReason: 'gone', givenUp: 1 });
    const [entry] = (await owner.call('admin.listAuditLogs', { limit: 1 })).items;
    expect(entry).toMatchObject({ action: 'integration_disabled', details: { reason: 'gone' }, actor: { kind: 'system' } });
  });
});

describe('the health check of an outgoing webhook', () => {
  it('is a signed ping, and tells nobody a message', async () => {
    const { integration, secret } = await outgoing(owner, conversationId, receiver.url);
    expect(await check(owner, integration.id)).toEqual({ at: expect.any(String), outcome: 'ok' });
    expect(receiver.verified(secret)).toMatchObject([{ type: 'integration.ping', data: { integrationId: integration.id } }]);
    receiver.behave(answer(401, {}, 'who are you'));
    expect(await check(owner, integration.id)).toMatchObject({ outcome: 'authentication', detail: '401' });
    expect(await shown(owner, integration.id)).toMatchObject({ lastCheck: { outcome: 'authentication' }, failures: 0 });
  });
});
