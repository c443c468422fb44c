import { once } from 'node:events';
import type { ConnectionLimits } from '@coucou/application/ports/traffic-rules';
import { errors } from '@coucou/domain/kernel/errors';
import { describe, expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { until } from '../support/until.ts';
import { clientOf, connected, startStubGateway, type StubGateway, textOf, tokenOf, transports } from './stub-gateway.ts';

const refusal = () => errors.RATE_LIMITED({ policy: 'socket-events', limit: 5, window: 3_600, retryAfterSeconds: 720 });
const rulesOf = (limit?: number, connections?: ConnectionLimits) => ({
  socketEvents: limit === undefined ? undefined : { name: 'socket-events', rates: [{ limit, windowSeconds: 3_600 }] as const },
  connections,
  handshakes: undefined,
  unauthenticated: undefined,
});
type Rules = ReturnType<typeof rulesOf>;

const start = (limit?: number, connections?: ConnectionLimits, own: ReadonlyMap<string, Rules> = new Map()) =>
  startStubGateway({
    limits: {
      server: rulesOf(limit, connections),
      accounts: { of: (account) => own.get(account) ?? rulesOf(limit, connections) },
      refusal,
    },
  });

describe.each(transports)('limits over %s', (transport) => {
  test('a socket sends as many events as it may; the rest is refused, by ack and by event', async () => {
    const server = await start(5);
    const client = await connected(transport, server, 'ann');
    const neighbour = await connected(transport, server, 'ann');
    for (let at = 0; at < 5; at += 1) expect(await client.call('test:silent')).toEqual({ ok: true });
    expect(await client.call('test:silent')).toMatchObject({
      ok: false,
      error: { code: 'RATE_LIMITED', details: { retryAfterSeconds: 720 } },
    });
    expect(client.events.of('rate_limit_exceeded')).toEqual([
      { at: expect.any(String), limit: 5, window: 3_600, resetAt: expect.any(String), operation: 'test:silent' },
    ]);
    const [{ at, resetAt }] = client.events.of('rate_limit_exceeded') as [{ at: string; resetAt: string }];
    expect(Date.parse(resetAt) - Date.parse(at)).toBe(720_000);
    expect(await neighbour.call('test:silent')).toEqual({ ok: true });
  });

  test('a socket that is refused and goes on is closed', async () => {
    const server = await start(5);
    const client = await connected(transport, server, 'ann');
    for (let at = 0; at < 50; at += 1) client.emitRaw('test:silent', {});
    const { code, reason } = await client.closed;
    expect(reason).toBe('rate_limited');
    // Socket.IO has no codes of its own.
    expect(code).toBe(transport === 'websocket' ? 4003 : undefined);
    expect(client.events.of('rate_limit_exceeded').length).toBeLessThanOrEqual(6);
    await until(() => server.gateway.stats().sockets === 0, { what: 'the end of the socket' });
  });

  test('a person has as many sockets as they may, and another once one is gone', async () => {
    const server = await start(undefined, { ofUser: 2, ofNetwork: 100 });
    const [first] = await Promise.all([connected(transport, server, 'ann'), connected(transport, server, 'ann')]);
    const refused = clientOf(transport, server.url, { token: tokenOf('ann') });
    await expect(refused.connect()).rejects.toMatchObject({
      error: { code: 'RATE_LIMITED', details: { policy: 'connections', limit: 2 } },
    });
    expect(server.refusedConnections.value).toBe(1);
    await connected(transport, server, 'bob');
    await first?.close();
    await until(() => server.gateway.stats().sockets === 2, { what: 'the end of the first' });
    await connected(transport, server, 'ann');
  });

  test('one socket after another is no way around what a socket may send', async () => {
    const server = await start(undefined, { ofUser: 2, ofNetwork: 100 });
    const codes: string[] = [];
    for (let at = 0; at < 6; at += 1) {
      const client = clientOf(transport, server.url, { token: tokenOf('ann') });
      codes.push(
        await client.connect().then(
          () => 'connected',
          ({ error }: { error: { code: string } }) => error.code,
        ),
      );
      await client.close();
      await until(() => server.gateway.stats().sockets === 0, { what: 'the end of the socket' });
    }
    expect(codes).toEqual(['connected', 'connected', 'connected', 'connected', 'RATE_LIMITED', 'RATE_LIMITED']);
    await connected(transport, server, 'bob');
  });

  test('an account has limits of its own', async () => {
    const server = await start(5, { ofUser: 1, ofNetwork: 100 }, new Map([['rich', rulesOf(8, { ofUser: 2, ofNetwork: 100 })]]));
    const open = (inAccount: string) => clientOf(transport, server.url, { token: tokenOf('ann', { inAccount }) });
    for (const [inAccount, events, sockets] of [
      ['acc', 5, 1],
      ['rich', 8, 2],
    ] as const) {
      const first = open(inAccount);
      await first.connect();
      for (let at = 0; at < events; at += 1) expect(await first.call('test:silent')).toEqual({ ok: true });
      expect(await first.call('test:silent')).toMatchObject({ ok: false, error: { code: 'RATE_LIMITED' } });
      for (let at = 1; at < sockets; at += 1) await open(inAccount).connect();
      await expect(open(inAccount).connect()).rejects.toMatchObject({ error: { details: { policy: 'connections', limit: sockets } } });
    }
  });

  test('a person who signs in later is counted as well', async () => {
    const server = await start(undefined, { ofUser: 1, ofNetwork: 100 });
    await connected(transport, server, 'ann');
    const late = clientOf(transport, server.url);
    await late.connect();
    expect(await late.call('authenticate', { token: tokenOf('ann') })).toMatchObject({ ok: false, error: { code: 'RATE_LIMITED' } });
    expect(await late.call('authenticate', { token: tokenOf('bob') })).toMatchObject({ ok: true });
  });

  test('many at once are no more than they may', async () => {
    const server = await start(undefined, { ofUser: 3, ofNetwork: 100 });
    const clients = Array.from({ length: 10 }, () => clientOf(transport, server.url, { token: tokenOf('ann') }));
    await Promise.allSettled(clients.map((client) => client.connect()));
    await until(() => server.gateway.stats().sockets <= 3, { what: 'the end of those that are too many' });
    expect(server.gateway.stats()).toMatchObject({ sockets: 3, people: 1 });
  });
});

/** A WebSocket that says nothing. */
async function silent({ url }: StubGateway, path: string) {
  const raw = new WebSocket(`${url.replace('http', 'ws')}${path}`);
  onTestFinished(() => raw.terminate());
  let heard = '';
  raw.on('message', (data) => (heard += textOf(data)));
  const closed = once(raw, 'close').then(([code]) => ({ code: code as number, heard }));
  await once(raw, 'open');
  return { raw, closed };
}

test('a network has as many connections as it may on both transports together, signed in or not', async () => {
  const server = await start(undefined, { ofUser: 10, ofNetwork: 3 });
  const first = await silent(server, '/ws');
  await silent(server, '/socket.io/?EIO=4&transport=websocket');
  await connected('socket.io', server, 'ann');
  expect(await (await silent(server, '/ws')).closed).toEqual({ code: 4003, heard: expect.stringContaining('"reason":"rate_limited"') });
  const { heard } = await (await silent(server, '/socket.io/?EIO=4&transport=websocket')).closed;
  expect(heard).toContain('"reason":"rate_limited"');
  expect(server.refusedConnections.value).toBe(2);
  const warnings = server.logs.filter(({ level }) => level === 'warn');
  expect(warnings.map(({ msg }) => msg)).toEqual([expect.stringContaining('TRUST_PROXY')]);
  first.raw.close();
  await first.closed;
  await connected('websocket', server, 'bob');
});

test.each([
  ['before it has a socket', false],
  ['signed in', true],
])('a plain connection that floods with frames that are no calls is closed: %s', async (_when, signsIn) => {
  const server = await start(5);
  const { raw, closed } = await silent(server, '/ws');
  if (signsIn) {
    raw.send(JSON.stringify(['connect', { token: tokenOf('ann') }]));
    await until(() => server.gateway.stats().people === 1, { what: 'the socket' });
  }
  for (let at = 0; at < 400; at += 1) raw.send(['no JSON', '{}', '["test:silent",{},-1]', Buffer.from('bytes')][at % 4] ?? '');
  const { code, heard } = await closed;
  expect(code).toBe(4003);
  expect(heard.match(/"code"/g)?.length).toBeLessThanOrEqual(101);
});
