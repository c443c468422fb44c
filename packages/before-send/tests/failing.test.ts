import { randomUUID } from 'node:crypto';
import { metrics as catalogue } from '@coucou/application/metrics/catalogue';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { countingMetrics } from '../../../tests/support/counting.ts';
import type { Payload } from '../../../tests/support/event-log.ts';
import { outboundTo } from '../../../tests/support/outbound.ts';
import type { Caller, TestApp } from '../../../tests/support/test-app.ts';
import { until } from '../../../tests/support/until.ts';
import { answer, type Behaviour, openReceiver, type Receiver } from '../../../tests/support/webhook-receiver.ts';
import { openDirect, openGroup, refusal, send } from '../../../tests/use-cases/calls.ts';
import { beforeSendLimits } from '../src/domain/limits.ts';
import { ACCEPT, asked, create, openHookApp, says, shown, twoPeople } from './hook.ts';

/** What the name of a service stands for, at each look-up. */
const addresses: string[] = [];
const resolve = async () => [{ address: addresses.shift() ?? '127.0.0.1', family: 4 }];
const { metrics, counts } = countingMetrics();

let app: TestApp;
let alice: Caller;
let bob: Caller;
let room: Payload;
let receiver: Receiver;
let inside: Receiver;
beforeAll(async () => {
  // One service is the operator's own; `hook.example` is somebody else's.
  app = await openHookApp({ overrides: [outboundTo({ allow: ['own.internal'], resolve }), counts] });
});
beforeEach(async () => {
  [alice, bob] = await twoPeople(app);
  room = await openGroup(alice, [bob]);
  [receiver, inside] = [await openReceiver({ behaviour: ACCEPT }), await openReceiver()];
});
afterEach(async () => {
  app.time.now = undefined;
  app.settings.mostText = 5_000;
  addresses.length = 0;
  await Promise.all([receiver.close(), inside.close()]);
});
afterAll(() => app.close());

const portOf = ({ url }: Receiver): string => new URL(url).port;
const own = (): string => `http://own.internal:${portOf(receiver)}/`;
const put = (more: object, by = alice): Promise<Payload> => by.call('admin.updateBeforeSendHook', { ...more });
const texts = async (): Promise<string[]> =>
  (await alice.call('messages.list', { conversationId: room.id, limit: 50 })).items.flatMap(({ content = [] }: Payload) => content);

const endless: Behaviour = (response) => {
  response.writeHead(200, { 'content-type': 'application/json' });
  const piece = Buffer.alloc(1_048_576, ' ');
  const more = (): void => {
    if (!response.destroyed && response.write(piece)) setImmediate(more);
    else response.once('drain', more);
  };
  response.on('error', () => {});
  more();
};
const never: Behaviour = () => {};
const begun: Behaviour = (response) => void response.writeHead(200, { 'content-length': '100' }).write('{');

/** What both choices make of a message, and what the hook's health says of it. */
async function tried(url: string, more: object = {}) {
  await create(alice, url, { timeoutMs: 250, ...more });
  const closed = await refusal(send(bob, room, 'fail-closed'));
  await put({ onFailure: 'accept' });
  const { content } = await send(bob, room, 'fail-open');
  const { health } = await shown(alice);
  expect(await texts()).toEqual(['fail-open']);
  return { closed, content, failure: health.lastFailure.failure, status: health.lastFailure.status };
}
const failing = (failure: string, status?: number) => ({ closed: 'HOOK_UNAVAILABLE', content: 'fail-open', failure, status });

describe('a message goes on as it is, or is refused, by the choice of the account, where the service', () => {
  it.each<[string, Behaviour, object]>([
    ['never answers', never, failing('timeout')],
    ['begins to answer, and never ends', begun, failing('timeout')],
    ['closes the connection', (response) => response.destroy(), failing('unreachable')],
    ['answers a gigabyte', (response) => response.writeHead(200, { 'content-length': String(2 ** 30) }).write('{'), failing('too_large')],
    ['answers without end', endless, failing('too_large')],
    ['answers in a coding that was not accepted', answer(200, { 'content-encoding': 'br' }, 'x'), failing('not_http')],
    ['is broken', answer(500, {}, '{"action":"accept"}'), failing('answered', 500)],
    ['answers without a word', answer(204), failing('answered', 204)],
    ['answers no JSON', answer(200, {}, '<html>'), failing('invalid', 200)],
    ['answers an action that there is not', says({ action: 'allow' }), failing('invalid', 200)],
    ['makes the text too long', says({ action: 'change', content: 'a'.repeat(5_001) }), failing('invalid', 200)],
    ['makes a text that shows nothing', says({ action: 'change', content: '\u200B' }), failing('invalid', 200)],
  ])('%s', async (_, behaviour, expected) => {
    receiver.behave(behaviour);
    expect(await tried(own())).toEqual(expected);
  });

  it('makes the text longer than the operator allows', async () => {
    app.settings.mostText = 20;
    receiver.behave(says({ action: 'change', content: 'a'.repeat(21) }));
    expect(await tried(own())).toEqual(failing('invalid', 200));
  });

  it('redirects to this machine, which is not followed', async () => {
    receiver.behave(answer(307, { location: inside.url }));
    expect(await tried(own())).toEqual(failing('redirected', 307));
    expect(inside.requests).toEqual([]);
  });

  it('has a private address when it is called, though its name had a public one before', async () => {
    addresses.push('127.0.0.1', '10.0.0.1');
    expect(await tried(`https://hook.example:${portOf(inside)}/`)).toEqual(failing('address_refused'));
    expect(inside.requests).toEqual([]);
  });

  it('has a public address at the first look-up and a private one at the second', async () => {
    // Nobody answers at the first: it is reserved for tests of routers, and public by no registry.
    addresses.push('192.88.98.1', '169.254.169.254');
    await create(alice, `https://hook.example:${portOf(inside)}/`, { timeoutMs: 250 });
    for (const failure of [expect.stringMatching(/timeout|unreachable/), 'address_refused']) {
      expect(await refusal(send(bob, room, 'hello'))).toBe('HOOK_UNAVAILABLE');
      expect((await shown(alice)).health.lastFailure).toMatchObject({ failure });
    }
    expect(inside.requests).toEqual([]);
  });
});

describe('the circuit breaker', () => {
  const states = () => ['opened', 'half_open', 'closed'].map((state) => metrics.counter(catalogue.beforeSendBreaker, { state }).value);
  const outcome = (of: string): number => metrics.counter(catalogue.beforeSendCalls, { outcome: of }).value;

  it('opens by five failures in a row, lets one message find out, and closes by an answer', async () => {
    const [before, unasked] = [states(), outcome('circuit_open')];
    await create(alice, own());
    app.time.now = new Date();
    receiver.behave(answer(503));
    for (let at = 0; at < 5; at += 1) expect(await refusal(send(bob, room, 'hello'))).toBe('HOOK_UNAVAILABLE');
    const { health } = await shown(alice);
    expect(health).toMatchObject({ state: 'open', failures: 5, lastFailure: { failure: 'answered', status: 503 } });
    const failed = await send(bob, room, 'hello').catch((error: unknown) => error);
    const { retryAfterSeconds } = (failed as { details: Payload }).details;
    expect(failed).toMatchObject({ code: 'HOOK_UNAVAILABLE', kind: 'unavailable' });
    expect([4, 5]).toContain(retryAfterSeconds);
    expect(receiver.requests).toHaveLength(5);

    // One finds out; what is sent meanwhile is not asked about.
    app.time.now = new Date(health.retryAt);
    let release = () => {};
    receiver.behave((response) => void (release = () => response.writeHead(200).end('{"action":"accept"}')));
    const probe = send(bob, room, 'the probe');
    await until(() => receiver.requests.length === 6, { what: 'the probe' });
    expect((await shown(alice)).health.state).toBe('halfOpen');
    expect(await refusal(send(bob, room, 'meanwhile'))).toBe('HOOK_UNAVAILABLE');
    release();
    expect(await probe).toMatchObject({ content: 'the probe' });
    expect((await shown(alice)).health).toMatchObject({ state: 'closed', failures: 0, lastAnswerAt: health.retryAt });
    receiver.behave(ACCEPT);
    await send(bob, room, 'after it');
    expect(receiver.requests).toHaveLength(7);
    expect(states()).toEqual(before.map((count) => count + 1));
    expect(outcome('circuit_open')).toBe(unasked + 2);
  });

  it('is each account’s own, and begins anew with another configuration', async () => {
    const [carol, dan] = await twoPeople(app);
    await create(carol, own(), { onFailure: 'accept' });
    await create(alice, own(), { onFailure: 'accept' });
    receiver.behave(answer(500));
    const others = await openGroup(carol, [dan]);
    for (let at = 0; at < 6; at += 1) await send(bob, room, `unasked ${at}`);
    expect(receiver.requests).toHaveLength(5);
    await send(dan, others, 'hello');
    expect(receiver.requests).toHaveLength(6);
    receiver.behave(ACCEPT);
    expect(await put({ timeoutMs: 2_000 })).toMatchObject({ health: { state: 'closed', failures: 0 } });
    await send(bob, room, 'asked again');
    expect(asked(receiver).at(-1)?.message.content).toBe('asked again');
  });

  it('keeps a scheduled message until the service is back', async () => {
    await create(alice, own());
    receiver.behave(answer(500));
    await bob.call('scheduled.create', {
      conversationId: room.id,
      content: 'later',
      sendAt: new Date(Date.now() + 3_600_000).toISOString(),
    });
    for (let at = 0; at < 3; at += 1) {
      await app.dueNow();
      await app.settled();
    }
    expect(receiver.requests).toHaveLength(3);
    expect(await texts()).toEqual([]);
    receiver.behave(ACCEPT);
    await app.dueNow();
    await app.settled();
    expect(await texts()).toEqual(['later']);
  });
});

describe('while a service hangs', () => {
  it('neither its account nor another waits: no lane and no connection is held', async () => {
    await create(alice, own(), { timeoutMs: 5_000, conversationTypes: ['group'] });
    const held: (() => void)[] = [];
    receiver.behave((response, { body }) => {
      if (JSON.parse(body).data.message.content !== 'hangs') return ACCEPT(response, {} as never, {} as never);
      return held.push(() => response.writeHead(200).end('{"action":"accept"}'));
    });
    // More than there are connections to the database.
    const hanging = Array.from({ length: 30 }, () => send(bob, room, 'hangs'));
    const edited = await send(bob, room, 'to be edited');
    const edit = bob.call('messages.edit', { messageId: edited.id, content: 'hangs' });
    await until(() => held.length === 31, { what: 'the service to have been asked' });

    const [carol, dan] = await twoPeople(app);
    await send(carol, await openGroup(carol, [dan]), 'another account');
    await send(alice, await openDirect(alice, bob), 'another conversation');
    expect(await send(alice, room, 'the same conversation')).toMatchObject({ seq: edited.seq + 1 });
    await alice.call('reactions.put', { messageId: edited.id, emoji: '👍' });
    expect(await texts()).toEqual(expect.arrayContaining(['the same conversation', 'to be edited']));
    expect(await texts()).not.toContain('hangs');

    for (const release of held) release();
    expect((await Promise.all(hanging)).map(({ content }) => content)).toEqual(hanging.map(() => 'hangs'));
    expect(await edit).toMatchObject({ content: 'hangs' });
  });

  it('so many messages wait for it, and the rest are decided at once', async () => {
    await create(alice, own(), { timeoutMs: 5_000 });
    const held: (() => void)[] = [];
    receiver.behave((response) => held.push(() => response.writeHead(200).end('{"action":"accept"}')));
    const waiting = Array.from({ length: beforeSendLimits.atOnce }, () => send(bob, room, 'waits'));
    await until(() => held.length === beforeSendLimits.atOnce, { what: 'the service to have been asked' });
    expect(await refusal(send(bob, room, 'too many', { clientMessageId: randomUUID() }))).toBe('HOOK_UNAVAILABLE');
    expect(await refusal(alice.call('admin.testBeforeSendHook', { text: 'too many' }))).toBe('OVERLOADED');
    expect((await shown(alice)).health).toMatchObject({ state: 'closed', failures: 0 });
    for (const release of held) release();
    await Promise.all(waiting);
  });
});
