import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Payload } from '../../../tests/support/event-log.ts';
import { outboundTo } from '../../../tests/support/outbound.ts';
import type { Caller, TestApp } from '../../../tests/support/test-app.ts';
import { create, deliveries, openHookApp, pass, shown } from './hooks.ts';
import { answer, type Behaviour, openReceiver, type Receiver, take } from '../../../tests/support/webhook-receiver.ts';

/** What the name of an endpoint stands for, at each look-up. */
const addresses: string[] = [];
const resolve = async () => [{ address: addresses.shift() ?? '127.0.0.1', family: 4 }];

let app: TestApp;
let owner: Caller;
let receiver: Receiver;
let inside: Receiver;
beforeAll(async () => {
  // One receiver is the operator's own; `hook.example` is somebody else's.
  app = await openHookApp({ overrides: [outboundTo({ allow: ['own.internal'], resolve })] });
});
beforeEach(async () => {
  owner = await app.person('alice', await app.account(), 'owner');
  [receiver, inside] = [await openReceiver(), await openReceiver()];
});
afterEach(async () => {
  app.time.now = undefined;
  addresses.length = 0;
  await Promise.all([receiver.close(), inside.close()]);
});
afterAll(() => app.close());

const portOf = ({ url }: Receiver): string => new URL(url).port;

async function tried(url: string): Promise<Payload> {
  const { webhook } = await create(owner, url, { events: ['user.updated'] });
  await owner.call('users.updateMe', { displayName: 'Alice' });
  await app.settled();
  const [delivery] = await deliveries(owner, webhook.id);
  return { ...(await shown(owner, webhook.id, delivery.id)), webhookId: webhook.id };
}

const endless: Behaviour = (response) => {
  response.writeHead(200, { 'content-type': 'application/octet-stream' });
  const piece = Buffer.alloc(1_048_576, 'x');
  const more = (): void => {
    if (!response.destroyed && response.write(piece)) setImmediate(more);
    else response.once('drain', more);
  };
  response.on('error', () => {});
  more();
};

describe('an endpoint that', () => {
  it.each<[string, Behaviour, object]>([
    ['never answers', () => {}, { outcome: 'timeout' }],
    [
      'begins to answer, and never ends',
      (response) => void response.writeHead(200, { 'content-length': '100' }).write('a'),
      { outcome: 'timeout' },
    ],
    ['closes the connection', (response) => response.destroy(), { outcome: 'unreachable' }],
    [
      'answers a gigabyte',
      (response) => response.writeHead(200, { 'content-length': String(2 ** 30) }).write('x'),
      { outcome: 'too_large' },
    ],
    ['answers without end', endless, { outcome: 'too_large' }],
    ['answers in a coding that was not accepted', answer(200, { 'content-encoding': 'br' }, 'x'), { outcome: 'not_http' }],
    [
      'answers what it was not asked',
      answer(404, {}, 'x'.repeat(5_000)),
      { outcome: 'answered', response: { status: 404, body: 'x'.repeat(1_000) } },
    ],
  ])('%s: the log says so, and nothing is lost', async (_, behaviour, logged) => {
    receiver.behave(behaviour);
    app.time.now = new Date();
    const delivery = await tried(`http://own.internal:${portOf(receiver)}/`);
    expect(delivery).toMatchObject({ state: 'pending', attempts: 1, log: [logged] });
    expect('response' in delivery.log[0]).toBe('response' in logged);
    receiver.behave(take);
    await pass(app, 5);
    expect(await deliveries(owner, delivery.webhookId)).toMatchObject([{ state: 'delivered', attempts: 2 }]);
  });

  it('redirects to this machine is not followed', async () => {
    receiver.behave(answer(307, { location: inside.url }));
    const delivery = await tried(`http://own.internal:${portOf(receiver)}/`);
    expect(delivery).toMatchObject({ state: 'pending', log: [{ outcome: 'redirected', response: { status: 307 } }] });
    expect(inside.requests).toEqual([]);
  });

  it('has a private address when it is called, though its name had a public one before, is not called', async () => {
    addresses.push('127.0.0.1');
    const delivery = await tried(`https://hook.example:${portOf(inside)}/`);
    expect(delivery).toMatchObject({ state: 'pending', log: [{ outcome: 'refused' }] });
    expect(inside.requests).toEqual([]);
  });

  it('has a public address at the first look-up and a private one at the second, is checked at each', async () => {
    // Nobody answers at the first: it is reserved for tests of routers, and public by no registry.
    addresses.push('192.88.98.1', '10.0.0.1');
    app.time.now = new Date();
    const first = await tried(`https://hook.example:${portOf(inside)}/`);
    await pass(app, 5);
    const { log } = await shown(owner, first.webhookId, first.id);
    expect(log.map(({ outcome }: Payload) => outcome)).toEqual([expect.stringMatching(/timeout|unreachable/), 'refused']);
    expect(inside.requests).toEqual([]);
  });
});
