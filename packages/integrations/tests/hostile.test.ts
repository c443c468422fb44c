import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { outboundTo } from '../../../tests/support/outbound.ts';
import type { Caller, TestApp } from '../../../tests/support/test-app.ts';
import { answer, type Behaviour, openReceiver, type Receiver } from '../../../tests/support/webhook-receiver.ts';
import { check, groupOf, openIntegrationApp, outgoing, shown } from './integrations.ts';

/** What the name of a receiver stands for, at each look-up. */
const addresses: string[] = [];
const resolve = async () => [{ address: addresses.shift() ?? '127.0.0.1', family: 4 }];

let app: TestApp;
let owner: Caller;
let conversationId: string;
let receiver: Receiver;
let inside: Receiver;
beforeAll(async () => {
  // One receiver is the operator's own; `hook.example` is somebody else's.
  app = await openIntegrationApp({ timeoutSeconds: 1, overrides: [outboundTo({ allow: ['own.internal'], resolve })] });
});
beforeEach(async () => {
  owner = await app.person('alice', await app.account(), 'owner');
  conversationId = (await groupOf(owner, [])).id;
  [receiver, inside] = [await openReceiver(), await openReceiver()];
});
afterEach(async () => {
  addresses.length = 0;
  await Promise.all([receiver.close(), inside.close()]);
});
afterAll(() => app.close());

const portOf = ({ url }: Receiver): string => new URL(url).port;

async function tried(url: string) {
  const { integration } = await outgoing(owner, conversationId, url);
  const found = await check(owner, integration.id);
  await owner.call('messages.send', { conversationId, content: 'hello' });
  await app.settled();
  const { lastFailure } = await shown(owner, integration.id);
  return { check: found.outcome, delivery: lastFailure?.outcome };
}

describe('a receiver that', () => {
  it.each<[string, Behaviour, string]>([
    ['never answers', () => {}, 'timeout'],
    ['closes the connection', (response) => response.destroy(), 'unreachable'],
    ['answers a gigabyte', (response) => response.writeHead(200, { 'content-length': String(2 ** 30) }).write('x'), 'too_large'],
    ['answers in a coding that was not accepted', answer(200, { 'content-encoding': 'br' }, 'x'), 'not_http'],
    ['answers what it was not asked', answer(404, {}, 'x'.repeat(5_000)), 'answered'],
  ])('%s is found out, and nothing of it is kept', async (_, behaviour, outcome) => {
    receiver.behave(behaviour);
    expect(await tried(`http://own.internal:${portOf(receiver)}/`)).toEqual({ check: outcome, delivery: outcome });
  });

  it('redirects to this machine is not followed', async () => {
    receiver.behave(answer(307, { location: inside.url }));
    expect(await tried(`http://own.internal:${portOf(receiver)}/`)).toEqual({ check: 'redirected', delivery: 'redirected' });
    expect(inside.requests).toEqual([]);
  });

  it('has a private address when it is called, though its name had a public one before, is not called', async () => {
    addresses.push('127.0.0.1', '10.0.0.1');
    expect(await tried(`https://hook.example:${portOf(inside)}/`)).toEqual({ check: 'refused', delivery: 'refused' });
    expect(inside.requests).toEqual([]);
  });
});
