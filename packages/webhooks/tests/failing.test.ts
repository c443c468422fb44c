import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Payload } from '../../../tests/support/event-log.ts';
import type { Caller, TestApp } from '../../../tests/support/test-app.ts';
import { refusal } from '../../../tests/use-cases/calls.ts';
import { create, deliveries, openHookApp, pass, RETRIES, shown } from './hooks.ts';
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

describe('a delivery that fails', () => {
  const posted = async (): Promise<void> => {
    const { id } = await openGroup();
    await post(id, 'hello');
    await app.settled();
  };

  it('is tried again, later each time, and fails in the end; replayed it arrives under its id', async () => {
    receiver.behave(answer(503, {}, 'no \u0000 room'));
    const { webhook, secret } = await create(owner, receiver.url, { events: ['message.created'] });
    app.time.now = new Date();
    await posted();
    for (const [index, seconds] of RETRIES.entries()) {
      const [waiting] = await deliveries(owner, webhook.id);
      expect(waiting).toMatchObject({ state: 'pending', attempts: index + 1, lastOutcome: 'answered', lastStatus: 503 });
      const wait = (Date.parse(waiting.nextAttemptAt) - app.time.now.getTime()) / 1_000;
      expect(wait).toBeGreaterThanOrEqual(seconds * 0.75 - 1);
      expect(wait).toBeLessThanOrEqual(seconds);
      await pass(app, seconds);
    }
    const [failed] = await deliveries(owner, webhook.id, { state: 'failed' });
    expect(failed).toMatchObject({ attempts: RETRIES.length + 1 });
    expect(failed).not.toHaveProperty('nextAttemptAt');
    const { log, body } = await shown(owner, webhook.id, failed.id);
    expect(log).toHaveLength(RETRIES.length + 1);
    expect(log[0]).toMatchObject({
      outcome: 'answered',
      request: { url: receiver.url, bytes: Buffer.byteLength(body), sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
      response: { status: 503, body: 'no \uFFFD room' },
    });
    expect(JSON.stringify(log)).not.toContain('v1,');

    receiver.behave(take);
    expect(await owner.call('admin.replayWebhookDeliveries', { webhookId: webhook.id })).toEqual({ replayed: 1 });
    await app.settled();
    expect(await deliveries(owner, webhook.id)).toMatchObject([{ id: failed.id, state: 'delivered', attempts: 1 }]);
    expect(new Set(receiver.requests.map(idOf))).toEqual(new Set([failed.eventId]));
    expect(verify(secret, receiver.requests.at(-1) as never)).toEqual(JSON.parse(body));
  });

  it('waits for as long as `Retry-After` asks, and with it what comes after', async () => {
    receiver.behave(answer(429, { 'retry-after': '600' }));
    const { webhook } = await create(owner, receiver.url, { events: ['message.created'] });
    app.time.now = new Date();
    await posted();
    const [{ nextAttemptAt }] = (await deliveries(owner, webhook.id)) as [Payload];
    expect(Date.parse(nextAttemptAt) - app.time.now.getTime()).toBe(600_000);
    expect(Date.parse((await owner.call('admin.getWebhook', { webhookId: webhook.id })).pausedUntil)).toBe(Date.parse(nextAttemptAt));
    receiver.behave(take);
    await posted();
    await pass(app, 500);
    expect(receiver.requests).toHaveLength(1);
    await pass(app, 101);
    expect(await deliveries(owner, webhook.id, { state: 'delivered' })).toHaveLength(2);
  });

  it('disables the webhook when it is answered 410, and tells those who administer the account', async () => {
    receiver.behave(answer(410));
    const admin = await app.person('adam', owner.account, 'admin');
    const { webhook } = await create(owner, receiver.url);
    await posted();
    expect(await owner.call('admin.getWebhook', { webhookId: webhook.id })).toMatchObject({ status: 'disabled', disabledReason: 'gone' });
    for (const person of [owner, admin]) {
      const { items } = await person.call('notifications.list');
      expect(items.filter(({ kind }: Payload) => kind === 'webhookDisabled')).toHaveLength(1);
    }
    expect((await bob.call('notifications.list')).items.map(({ kind }: Payload) => kind)).not.toContain('webhookDisabled');
    expect((await owner.call('admin.listAuditLogs', { limit: 5 })).items).toContainEqual(
      expect.objectContaining({ action: 'webhook_disabled', actor: { kind: 'system' }, details: { reason: 'gone' } }),
    );
    const before = receiver.requests.length;
    await posted();
    expect(receiver.requests).toHaveLength(before);
    expect(await refusal(owner.call('admin.testWebhook', { webhookId: webhook.id }))).toBe('WEBHOOK_DISABLED');

    receiver.behave(take);
    await owner.call('admin.updateWebhook', { webhookId: webhook.id, enabled: true });
    await app.settled();
    expect(await deliveries(owner, webhook.id, { state: 'pending' })).toEqual([]);
    expect(receiver.requests.length).toBeGreaterThan(before);
  });

  it('disables the webhook after three days without one success', async () => {
    receiver.behave(answer(500));
    const { webhook } = await create(owner, receiver.url, { events: ['message.created'] });
    app.time.now = new Date();
    const { id } = await openGroup();
    for (let at = 0; at < 3; at += 1) await post(id, `message ${at}`);
    await app.settled();
    for (let tried = 0; tried < 9; tried += 1) await pass(app, 600);
    expect(receiver.requests).toHaveLength(12);
    expect((await owner.call('admin.getWebhook', { webhookId: webhook.id })).status).toBe('enabled');
    await pass(app, 3 * 86_400);
    await post(id, 'days later');
    await app.settled();
    expect(await owner.call('admin.getWebhook', { webhookId: webhook.id })).toMatchObject({ disabledReason: 'failing' });
  });

  it('is followed by one request at a time, until the endpoint is back: then all that waits goes out', async () => {
    const together = Promise.withResolvers<void>();
    receiver.behave(async (response) => {
      if (receiver.requests.length === 2) together.resolve();
      await together.promise;
      response.writeHead(500).end();
    });
    const { webhook } = await create(owner, receiver.url, { events: ['message.created'] });
    app.time.now = new Date();
    const { id } = await openGroup();
    for (let at = 0; at < 12; at += 1) await post(id, `message ${at}`);
    await app.settled();
    const { length } = receiver.requests;
    expect(length).toBeLessThanOrEqual(12);
    await pass(app, 601);
    expect(receiver.requests).toHaveLength(length + 1);
    receiver.behave(take);
    await pass(app, 601);
    expect(await deliveries(owner, webhook.id, { state: 'delivered' })).toHaveLength(12);
    expect((await owner.call('admin.getWebhook', { webhookId: webhook.id })).failingSince).toBeUndefined();
  });

  it('goes to another address once the webhook has one', async () => {
    receiver.behave(answer(500));
    const moved = await openReceiver();
    try {
      const { webhook, secret } = await create(owner, receiver.url, { events: ['message.created'] });
      await posted();
      await owner.call('admin.updateWebhook', { webhookId: webhook.id, url: moved.url });
      await app.settled();
      expect(typesOf(moved.verified(secret))).toEqual(['message.created']);
    } finally {
      await moved.close();
    }
  });

  it('is sent again one by one, or by the time it came up, whatever became of it', async () => {
    const { webhook } = await create(owner, receiver.url, { events: ['message.created'] });
    app.time.now = new Date();
    const start = app.time.now.getTime();
    const { id } = await openGroup();
    for (let at = 0; at < 3; at += 1) {
      app.time.now = new Date(start + at * 60_000);
      await post(id, `message ${at}`);
      await app.settled();
    }
    const [, middle] = (await deliveries(owner, webhook.id)) as [Payload, Payload];
    const one = { webhookId: webhook.id, deliveryId: middle.id };
    expect(await owner.call('admin.replayWebhookDelivery', one)).toMatchObject({ state: 'pending', attempts: 0 });
    await app.settled();
    expect(receiver.requests.map(idOf).filter((sent) => sent === middle.eventId)).toHaveLength(2);
    const range = { webhookId: webhook.id, from: new Date(start + 30_000).toISOString(), to: new Date(start + 90_000).toISOString() };
    expect(await owner.call('admin.replayWebhookDeliveries', range)).toEqual({ replayed: 0 });
    expect(await owner.call('admin.replayWebhookDeliveries', { ...range, deliveries: 'all' })).toEqual({ replayed: 1 });
    await app.settled();
    expect(receiver.requests.map(idOf).filter((sent) => sent === middle.eventId)).toHaveLength(3);
    expect(receiver.requests).toHaveLength(5);
    expect((await shown(owner, webhook.id, middle.id)).log).toHaveLength(3);
  });

  it('a test arrives at once, and its delivery says so', async () => {
    const { webhook, secret } = await create(owner, receiver.url, { events: ['user.updated'] });
    const test = await owner.call('admin.testWebhook', { webhookId: webhook.id });
    expect(test).toMatchObject({ event: 'webhook.test', state: 'pending' });
    await app.settled();
    expect(receiver.verified(secret)).toEqual([{ type: 'webhook.test', timestamp: test.createdAt, data: { webhookId: webhook.id } }]);
    expect(await shown(owner, webhook.id, test.id)).toMatchObject({
      state: 'delivered',
      log: [{ outcome: 'delivered', response: { status: 204 } }],
    });
  });
});
