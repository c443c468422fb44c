import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type LocalPushService, openPushService, VAPID, VAPID_KEY, vapidOf } from '../../../tests/support/push-service.ts';
import type { Payload } from '../../../tests/support/event-log.ts';
import type { Caller, TestApp } from '../../../tests/support/test-app.ts';
import { openDirect, openGroup, refusal, send } from '../../../tests/use-cases/calls.ts';
import { connect, openPushApp, pass, signedIn, subscribe } from './push-app.ts';

let app: TestApp;
let service: LocalPushService;
let alice: Caller;
let bob: Caller;
let direct: Payload;
beforeAll(async () => {
  [app, service] = [await openPushApp(), await openPushService()];
});
beforeEach(async () => {
  [alice, bob] = [await signedIn(app, 'alice'), await signedIn(app, 'bob')];
  direct = await openDirect(alice, bob);
  service.pushed.length = 0;
});
afterEach(() => {
  app.time.now = undefined;
  service.behave((response) => response.writeHead(201).end());
});
afterAll(async () => {
  await app.close();
  await service.close();
});

const said = () => service.pushed.map(({ data }) => data['text']);
const rules = (who: Caller, notifications: object) =>
  who.call('preferences.put', { notifications: { push: true, email: true, mentionsOnly: false, ...notifications } });
const sessionOf = async (who: Caller): Promise<string> => (await who.call('auth.listSessions')).items[0].id;

describe('a push', () => {
  it('is encrypted for the device alone, and signed by the key that it subscribed with', async () => {
    const device = service.device();
    expect(await bob.call('push.services')).toEqual({ services: ['web'], vapidKey: VAPID_KEY });
    const { id: subscriptionId } = await subscribe(bob, device);
    const message = await send(alice, direct, 'a secret');
    await app.settled();
    const [pushed, ...more] = service.of(device);
    if (pushed === undefined) throw new Error('nothing came');
    expect(more).toEqual([]);
    expect(pushed.data).toEqual({
      kind: 'message',
      conversationId: direct.id,
      messageId: message.id,
      seq: message.seq,
      subscriptionId,
      at: expect.any(String),
      title: 'alice',
      text: 'a secret',
      badge: 1,
    });
    expect(pushed.bytes.toString('latin1')).not.toContain('secret');
    expect(pushed.headers).toMatchObject({
      'content-encoding': 'aes128gcm',
      ttl: expect.stringMatching(/^86[34]\d\d$/),
      urgency: 'high',
      topic: direct.id.replaceAll('-', ''),
    });
    const { claims, key } = await vapidOf(pushed);
    expect(key).toBe(VAPID_KEY);
    expect(claims).toMatchObject({ aud: service.url, sub: VAPID.subject });
  });

  it('says where and who in a group, counts what is unread, and goes to every device but of whoever wrote', async () => {
    const group = await openGroup(alice, [bob]);
    const [phone, tablet] = [service.device(), service.device()];
    await subscribe(bob, phone);
    await subscribe(await app.signIn(bob), tablet);
    await subscribe(alice, service.device());
    await app.settled();
    service.pushed.length = 0;
    await send(alice, group, 'one');
    await send(alice, group, 'two');
    await app.settled();
    expect(service.pushed.map(({ path }) => path).toSorted()).toEqual([phone.path, tablet.path].toSorted());
    for (const { data, headers } of service.pushed) {
      expect(data).toMatchObject({ title: 'A group', text: 'alice: two', badge: 2 });
      expect(headers.urgency).toBe('normal');
    }
  });

  it('comes once for a message that mentions somebody, whatever its kind', async () => {
    const group = await openGroup(alice, [bob]);
    const device = service.device();
    await subscribe(bob, device);
    await bob.call('membership.update', { conversationId: group.id, notify: 'mentions' });
    await app.settled();
    service.pushed.length = 0;
    await send(alice, group, 'to all of you');
    await send(alice, group, 'hello bob', { mentions: [bob.id] });
    await app.settled();
    expect(service.of(device).map(({ data }) => [data['kind'], data['text']])).toEqual([['mention', 'alice: hello bob']]);
  });

  it('shows nothing to whoever wants no content', async () => {
    await subscribe(bob, service.device());
    await rules(bob, { content: false });
    await send(alice, direct, 'a secret');
    await app.settled();
    const [pushed] = service.pushed;
    expect(pushed?.data).toMatchObject({ kind: 'message', conversationId: direct.id, badge: 1 });
    expect(JSON.stringify(pushed?.data)).not.toMatch(/secret|alice/);
  });
});

describe('nobody is pushed', () => {
  const changes: readonly (readonly [string, () => Promise<unknown>])[] = [
    [
      'who muted the conversation',
      () => bob.call('membership.update', { conversationId: direct.id, mutedUntil: '2999-01-01T00:00:00.000Z' }),
    ],
    ['who wants nothing of it', () => bob.call('membership.update', { conversationId: direct.id, notify: 'none' })],
    ['who wants no pushes', () => rules(bob, { push: false })],
    ['who wants mentions only', () => rules(bob, { mentionsOnly: true })],
    ['whose session has ended', () => bob.call('auth.logout')],
    ['whose session was revoked', async () => (await app.signIn(bob)).call('auth.revokeOtherSessions')],
    ['who was suspended', () => app.uow.write(bob.account, (tx) => tx.suspensions.set(bob.id, true))],
    ['who unsubscribed', () => bob.call('push.unsubscribe')],
    ['who has the device in their hands', async () => connect(app, bob, await sessionOf(bob))],
  ];
  it.each(changes)('%s', async (_, change) => {
    await subscribe(bob, service.device());
    await change();
    await send(alice, direct, 'hello').catch(() => {});
    await app.settled();
    await pass(app, 60);
    expect(service.pushed).toEqual([]);
  });

  it('whose session has expired; its subscription goes with it', async () => {
    await subscribe(bob, service.device());
    await app.sql(`update session set expires_at = now() - interval '1 second' where user_id = $1`, [bob.id]);
    await send(alice, direct, 'hello');
    await app.settled();
    expect(service.pushed).toEqual([]);
    expect((await bob.call('push.list')).items).toEqual([]);
  });

  it('of what they read at another device; what they do not read comes a little later', async () => {
    await subscribe(bob, service.device());
    const desk = await app.signIn(bob);
    const connection = connect(app, desk, 'another session');
    const first = await send(alice, direct, 'read at the desk');
    await app.settled();
    expect(service.pushed).toEqual([]);
    await desk.call('receipts.mark', { items: [{ conversationId: direct.id, readSeq: first.seq }] });
    await pass(app, 11);
    expect(service.pushed).toEqual([]);
    await send(alice, direct, 'not read');
    await app.settled();
    await pass(app, 11);
    expect(said()).toEqual(['not read']);
    connection.close();
  });

  it('in their quiet hours, by the clock where they are; what is unread then comes at their end', async () => {
    await subscribe(bob, service.device());
    await rules(bob, { quietHours: { from: '22:00', to: '07:00', timeZone: 'Asia/Tokyo' } });
    // 23:30 in Tokyo. A session of the future is not over.
    await app.sql(`update session set expires_at = '2999-01-01' where user_id = $1`, [bob.id]);
    app.time.now = new Date('2031-05-10T14:30:00.000Z');
    await send(alice, direct, 'good night');
    await send(alice, direct, 'and good morning');
    await app.settled();
    expect(service.pushed).toEqual([]);
    app.time.now = new Date('2031-05-10T22:00:01.000Z');
    await pass(app, 0);
    expect(said()).toEqual(['and good morning']);
  });
});

describe('a push service that', () => {
  it.each([404, 410])('answers %i ends the subscription', async (status) => {
    await subscribe(bob, service.device());
    service.behave((response) => response.writeHead(status).end());
    await send(alice, direct, 'hello');
    await app.settled();
    expect(service.pushed).toHaveLength(1);
    expect((await bob.call('push.list')).items).toEqual([]);
    expect(await app.sql('select * from push_waiting')).toEqual([]);
  });

  it('cannot take it now gets it later, when it asks for it, and the newest alone', async () => {
    await subscribe(bob, service.device());
    app.time.now = new Date();
    service.behave((response) => response.writeHead(429, { 'retry-after': '120' }).end());
    await send(alice, direct, 'first');
    await app.settled();
    service.behave((response) => response.writeHead(201).end());
    await send(alice, direct, 'second');
    await app.settled();
    await pass(app, 60);
    expect(said()).toEqual(['first']);
    expect((await bob.call('push.list')).items).toMatchObject([{ failingSince: expect.any(String) }]);
    await pass(app, 61);
    expect(said()).toEqual(['first', 'second']);
    expect((await bob.call('push.list')).items[0]).not.toHaveProperty('failingSince');
  });

  it('does not answer is tried with longer and longer pauses, and nothing is lost', async () => {
    await subscribe(bob, service.device());
    app.time.now = new Date();
    service.behave((response) => response.destroy());
    await send(alice, direct, 'hello');
    await app.settled();
    for (const seconds of [11, 61]) await pass(app, seconds);
    expect(service.pushed).toHaveLength(3);
    await pass(app, 61);
    expect(service.pushed).toHaveLength(3);
    service.behave((response) => response.writeHead(201).end());
    await pass(app, 300);
    expect(said()).toEqual(['hello', 'hello', 'hello', 'hello']);
    expect(await app.sql('select * from push_waiting')).toEqual([]);
  });

  it('redirects to another place is not followed', async () => {
    const inside = await openPushService();
    await subscribe(bob, service.device());
    service.behave((response) => response.writeHead(307, { location: inside.url }).end());
    await send(alice, direct, 'hello');
    await app.settled();
    expect([service.pushed.length, inside.pushed.length]).toEqual([1, 0]);
    await inside.close();
  });
});

describe('a subscription', () => {
  const given = (more: object) => {
    const { subscription } = service.device();
    return { service: 'web', ...subscription, ...more };
  };
  it.each<[string, () => object]>([
    ['to a private address', () => given({ endpoint: 'https://10.0.0.1/send/1' })],
    ['to this machine', () => given({ endpoint: 'https://[::1]/send/1' })],
    ['to the metadata of a cloud', () => given({ endpoint: 'http://169.254.169.254/' })],
    ['without encryption on its way', () => given({ endpoint: 'http://push.example.com/' })],
    ['with a key that is none', () => given({ keys: { p256dh: 'BAAAA', auth: 'BTBZMqHH6r4Tts7J_aSIgg' } })],
    ['with a point beside the curve', () => given({ keys: { p256dh: `BA${'A'.repeat(85)}`, auth: 'BTBZMqHH6r4Tts7J_aSIgg' } })],
    ['with a secret that is too short', () => given({ keys: { ...service.device().subscription['keys'], auth: 'BTBZ' } })],
  ])('%s is refused', async (_, input) => {
    expect(await refusal(bob.call('push.subscribe', { ...input() }))).toBe('PUSH_ADDRESS_REFUSED');
  });

  it('is refused where the server has no keys for the service', async () => {
    expect(await refusal(bob.call('push.subscribe', { service: 'fcm', token: 'x'.repeat(40) }))).toBe('PUSH_UNAVAILABLE');
  });

  it('of a browser in which somebody else signs in is theirs from then on', async () => {
    const device = service.device();
    await subscribe(bob, device);
    await subscribe(alice, device);
    expect((await bob.call('push.list')).items).toEqual([]);
    await send(alice, direct, 'to bob');
    await app.settled();
    expect(service.pushed).toEqual([]);
    await send(bob, direct, 'to alice');
    await app.settled();
    expect(said()).toEqual(['to alice']);
  });

  it('is listed with those of other devices, and ended from any of them, by its own person', async () => {
    const phone = await app.signIn(bob);
    const [first, second] = [await subscribe(bob, service.device()), await subscribe(phone, service.device())];
    expect((await phone.call('push.list')).items).toMatchObject([
      { id: second['id'], service: 'web', current: true },
      { id: first['id'], service: 'web', current: false },
    ]);
    expect(await refusal(alice.call('push.unsubscribe', { subscriptionId: first['id'] }))).toBe('PUSH_SUBSCRIPTION_NOT_FOUND');
    await phone.call('push.unsubscribe', { subscriptionId: first['id'] });
    expect((await bob.call('push.list')).items).toMatchObject([{ id: second['id'] }]);
  });
});

it('keeps preferences and devices per person, across accounts too: the same mailbox and the same browser are two', async () => {
  const other = await app.account();
  const [eve, mallory] = [await signedIn(app, 'eve', other), await signedIn(app, 'mallory', other)];
  const device = service.device();
  await subscribe(bob, device);
  await subscribe(eve, device);
  await rules(bob, { push: false, content: false });
  expect(await eve.call('preferences.get')).toMatchObject({ notifications: { push: true, email: true } });
  await send(mallory, await openDirect(mallory, eve), 'in the other account');
  await send(alice, direct, 'in this one');
  await app.settled();
  expect(said()).toEqual(['in the other account']);
  expect((await eve.call('push.list')).items).toHaveLength(1);
  expect((await bob.call('push.list')).items).toHaveLength(1);
});
