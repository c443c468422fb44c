import { once } from 'node:events';
import { createOriginPolicy } from '@coucou/security/origins';
import { describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { ConnectRefused, type SocketClient } from '../support/clients.ts';
import { until } from '../support/until.ts';
import { bareClient, clientOf, connected, startStubGateway, stockClient, textOf, tokenOf, transports } from './stub-gateway.ts';

/** `ws` tells the status, the client of Socket.IO only that it failed. */
const notUpgraded = /403|websocket error/;

const refusal = async (client: SocketClient) => {
  const error = await client.connect().catch((thrown: unknown) => thrown);
  if (!(error instanceof ConnectRefused)) throw new Error('expected a refusal', { cause: error });
  return error.error;
};

describe.each(transports)('over %s', (transport) => {
  test('a token in the handshake connects', async () => {
    const { url, currentMembers } = await startStubGateway();
    currentMembers.members.add('ann');
    const hello = await clientOf(transport, url, { token: tokenOf('ann') }).connect();
    expect(hello).toMatchObject({ protocol: 1, epoch: 'epoch-1', userId: 'ann', serverTime: expect.any(String), at: expect.any(String) });
    expect(hello.socketId).toBeTypeOf('string');
  });

  test('a token in the Authorization header connects', async () => {
    const { url } = await startStubGateway();
    const hello = await clientOf(transport, url, { headers: { authorization: `Bearer ${tokenOf('ann')}` } }).connect();
    expect(hello.userId).toBe('ann');
  });

  test('a client key of another account than the token is refused, whenever the token comes', async () => {
    const server = await startStubGateway();
    const naming = (key: string, token?: string) =>
      clientOf(transport, server.url, { headers: { 'x-client-key': key }, ...(token === undefined ? {} : { token }) });
    await expect(naming('other', tokenOf('ann')).connect()).rejects.toMatchObject({
      error: { code: 'FORBIDDEN', details: { header: 'X-Client-Key' } },
    });
    await expect(naming('nobody').connect()).rejects.toMatchObject({ error: { code: 'UNAUTHENTICATED' } });
    expect(await naming('acc', tokenOf('ann')).connect()).toMatchObject({ userId: 'ann' });
    const late = naming('other');
    await late.connect();
    expect(await late.call('authenticate', { token: tokenOf('ann') })).toMatchObject({ ok: false, error: { code: 'FORBIDDEN' } });
  });

  test('a token in the header of somebody else than the one in auth is refused', async () => {
    const { url } = await startStubGateway();
    const both = (header: string) => clientOf(transport, url, { token: tokenOf('ann'), headers: { authorization: `Bearer ${header}` } });
    expect(await refusal(both(tokenOf('ben')))).toMatchObject({ code: 'FORBIDDEN', details: { header: 'Authorization' } });
    expect(await both(tokenOf('ann', { seconds: 60 })).connect()).toMatchObject({ userId: 'ann' });
    // A client that sets its headers once connects again with a newer token in `auth`.
    expect(await both(tokenOf('ann', { seconds: -1 })).connect()).toMatchObject({ userId: 'ann' });
  });

  test('an invalid or expired token is refused in the error shape', async () => {
    const { url } = await startStubGateway();
    const invalid = await refusal(clientOf(transport, url, { token: 'nonsense' }));
    expect(invalid).toMatchObject({
      code: 'UNAUTHENTICATED',
      path: 'connect',
      requestId: expect.any(String),
      timestamp: expect.any(String),
      docs: '/docs/errors#UNAUTHENTICATED',
    });
    expect(await refusal(clientOf(transport, url, { token: tokenOf('ann', { seconds: -1 }) }))).toMatchObject({ code: 'TOKEN_EXPIRED' });
    expect(await refusal(clientOf(transport, url, { auth: { token: { $ne: 1 } } }))).toMatchObject({ code: 'UNAUTHENTICATED' });
  });

  test('a token in the URL is no token', async () => {
    const { url } = await startStubGateway();
    const address = `${url}/?token=${tokenOf('ann')}`;
    expect((await clientOf(transport, address).connect()).userId).toBeUndefined();
  });

  test('an unknown protocol is refused with those that are known', async () => {
    const { url } = await startStubGateway();
    expect(await refusal(clientOf(transport, url, { token: tokenOf('ann'), auth: { protocol: 2 } }))).toMatchObject({
      details: { supported: [1] },
    });
    await clientOf(transport, url, { token: tokenOf('ann'), auth: { protocol: 1 } }).connect();
  });

  test('without a token nothing can be called until authenticated', async () => {
    const { url } = await startStubGateway();
    const client = clientOf(transport, url);
    expect((await client.connect()).userId).toBeUndefined();
    expect(await client.call('test:echo', { text: 'hi' })).toMatchObject({
      ok: false,
      error: { code: 'UNAUTHENTICATED', path: 'test:echo' },
    });
    expect(await client.call('authenticate', { token: 'nonsense' })).toMatchObject({ ok: false, error: { code: 'UNAUTHENTICATED' } });
    expect(await client.call('authenticate', { token: 7 })).toMatchObject({ ok: false, error: { code: 'VALIDATION_FAILED' } });
    expect(await client.call('authenticate', { token: tokenOf('ann') })).toMatchObject({
      ok: true,
      data: { userId: 'ann', expiresAt: expect.any(String) },
    });
    expect(await client.events.next('authenticated')).toMatchObject({ userId: 'ann', at: expect.any(String) });
    expect(await client.call('test:echo', { text: 'hi' })).toEqual({ ok: true, data: { text: 'hi', userId: 'ann' } });
  });

  test('who does not authenticate in time is closed', async () => {
    const { url } = await startStubGateway({ authenticateTimeoutMs: 1_000 });
    const client = clientOf(transport, url);
    await client.connect();
    expect(await client.closed).toMatchObject({ reason: 'unauthenticated', ...(transport === 'websocket' && { code: 4401 }) });
  });

  test('a live socket whose token expires is closed, one that renews is not', async () => {
    const { url } = await startStubGateway({ authenticateTimeoutMs: 1_000 });
    const [lazy, keen] = [
      clientOf(transport, url, { token: tokenOf('ann', { seconds: 2 }) }),
      clientOf(transport, url, { token: tokenOf('ann', { seconds: 2 }) }),
    ];
    await Promise.all([lazy.connect(), keen.connect()]);
    expect(await keen.call('authenticate', { token: tokenOf('ann') })).toMatchObject({ ok: true });
    expect((await lazy.closed).reason).toBe('unauthenticated');
    expect(await keen.call('test:silent')).toEqual({ ok: true });
  });

  test('a token of someone else is refused, and changes nothing', async () => {
    const server = await startStubGateway();
    const client = await connected(transport, server, 'ann');
    expect(await client.call('authenticate', { token: tokenOf('bob') })).toMatchObject({ ok: false, error: { code: 'FORBIDDEN' } });
    expect(await client.call('authenticate', { token: tokenOf('ann', { inAccount: 'other' }) })).toMatchObject({
      ok: false,
      error: { code: 'FORBIDDEN' },
    });
    expect(await client.call('test:echo', {})).toMatchObject({ data: { userId: 'ann' } });
  });

  test('an origin that is not allowed is refused at the handshake', async () => {
    const { url, port } = await startStubGateway();
    await expect(clientOf(transport, url, { headers: { origin: 'https://evil.example' } }).connect()).rejects.toThrow(notUpgraded);
    await clientOf(transport, url, { headers: { origin: `http://127.0.0.1:${port}` } }).connect();
    const listed = await startStubGateway({ origins: createOriginPolicy(['https://app.example']) });
    await expect(clientOf(transport, listed.url, { headers: { origin: `http://127.0.0.1:${listed.port}` } }).connect()).rejects.toThrow(
      notUpgraded,
    );
    await clientOf(transport, listed.url, { headers: { origin: 'https://app.example' } }).connect();
  });

  test('the address comes from a trusted proxy only', async () => {
    const headers = { 'x-forwarded-for': '203.0.113.7, 10.0.0.9', 'user-agent': 'a test' };
    for (const [trustProxy, ip] of [
      [[], '127.0.0.1'],
      [['127.0.0.0/8'], '10.0.0.9'],
      [['127.0.0.1', '10.0.0.0/8'], '203.0.113.7'],
    ] as const) {
      const { url, said } = await startStubGateway({ trustProxy });
      const client = clientOf(transport, url, { token: tokenOf('ann'), headers });
      await client.connect();
      await client.call('test:echo');
      expect(said[0]?.call.client).toEqual({ ip, userAgent: 'a test' });
    }
  });

  test('draining tells everyone, with a time to come back', async () => {
    const server = await startStubGateway();
    const client = await connected(transport, server, 'ann');
    await server.gateway.close({ retryAfterMs: 1_000 });
    expect(await client.closed).toMatchObject({ reason: 'server_draining', ...(transport === 'websocket' && { code: 4001 }) });
    const [{ retryAfterMs }] = client.events.of('closing');
    expect(retryAfterMs).toBeGreaterThanOrEqual(500);
    expect(retryAfterMs).toBeLessThanOrEqual(1_000);
    expect(server.gateway.stats()).toMatchObject({ sockets: 0, plain: 0, people: 0, rooms: 0 });
  });

  test('nothing is kept of who has left', async () => {
    const server = await startStubGateway();
    server.currentMembers.members.add('ann');
    const client = await connected(transport, server, 'ann');
    expect(server.gateway.stats()).toMatchObject({ sockets: 1, people: 1, rooms: 1 });
    await client.close();
    await until(() => server.gateway.stats().sockets === 0, { what: 'the server to notice' });
    expect(server.gateway.stats()).toMatchObject({ sockets: 0, plain: 0, people: 0, rooms: 0 });
  });

  test('a database that is away for a moment delays the welcome', async () => {
    const server = await startStubGateway();
    server.currentMembers.failures = 2;
    server.currentMembers.members.add('ann');
    await connected(transport, server, 'ann');
    expect(server.gateway.stats()).toMatchObject({ rooms: 1 });
    expect(server.logs.filter(({ level }) => level === 'warn')).toHaveLength(2);
  });
});

test('a stock Socket.IO client polls first and upgrades', async () => {
  const { url } = await startStubGateway();
  const client = stockClient(url, { token: tokenOf('ann'), transports: ['polling', 'websocket'] });
  await client.connect();
  const { engine } = client.socket.io;
  await until(() => engine.transport.name === 'websocket', { what: 'the upgrade' });
  expect(await client.call('test:echo', { text: 'after the upgrade' })).toMatchObject({ data: { text: 'after the upgrade' } });
  await client.close();
});

test('polling alone works, and tells why it closes', async () => {
  const server = await startStubGateway();
  const client = stockClient(server.url, { token: tokenOf('ann'), transports: ['polling'] });
  await client.connect();
  expect(await client.call('test:silent')).toEqual({ ok: true });
  await server.gateway.close();
  expect((await client.closed).reason).toBe('server_draining');
});

test('polling can be turned off', async () => {
  const { url } = await startStubGateway({ transports: ['websocket'] });
  await expect(stockClient(url, { token: tokenOf('ann'), transports: ['polling'] }).connect()).rejects.toThrow('xhr poll error');
  const client = stockClient(url, { token: tokenOf('ann') });
  await client.connect();
  await client.close();
});

test('routes of HTTP are served beside the sockets', async () => {
  const { url } = await startStubGateway();
  expect(await (await fetch(`${url}/health`)).json()).toEqual({ ok: true });
  const noUpgrade = await fetch(`${url}/ws`);
  expect([noUpgrade.status, await noUpgrade.json()]).toMatchObject([404, { code: 'OPERATION_UNKNOWN', path: '/ws' }]);
});

test('an upgrade to anything else is refused', async () => {
  const { url } = await startStubGateway();
  const [error] = (await once(new WebSocket(`${url.replace('http', 'ws')}/elsewhere`), 'error')) as [Error];
  expect(error.message).toContain('404');
});

test('a plain connection from another origin is answered 403', async () => {
  const { url } = await startStubGateway();
  const error = await bareClient(url, { headers: { origin: 'https://evil.example' } })
    .connect()
    .catch((thrown: Error) => thrown);
  expect(String(error)).toContain('403');
});

test('a plain connection that never says connect is closed', async () => {
  const { url } = await startStubGateway({ authenticateTimeoutMs: 100 });
  const socket = new WebSocket(`${url.replace('http', 'ws')}/ws`);
  const frames: string[] = [];
  socket.on('message', (data) => frames.push(textOf(data)));
  const [code] = (await once(socket, 'close')) as [number];
  expect(code).toBe(4401);
  expect(frames.map((frame) => JSON.parse(frame)[0])).toEqual(['closing']);
});

test('a refused plain connection is closed with the code of the refusal', async () => {
  const { url } = await startStubGateway();
  const client = clientOf('websocket', url, { token: 'nonsense' });
  const socket = new WebSocket(`${url.replace('http', 'ws')}/ws`);
  await once(socket, 'open');
  socket.send(JSON.stringify(['connect', { token: 'nonsense' }]));
  const [code] = (await once(socket, 'close')) as [number];
  expect(code).toBe(4401);
  await client.close();
});

test('a second CONNECT on one connection gives no second socket', async () => {
  const server = await startStubGateway();
  const raw = new WebSocket(`${server.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`);
  await once(raw, 'message');
  for (let times = 0; times < 5; times += 1) raw.send(`40${JSON.stringify({ token: tokenOf('ann') })}`);
  await until(() => server.gateway.stats().sockets > 0 || raw.readyState !== WebSocket.OPEN, { what: 'an answer' });
  expect(server.gateway.stats().sockets).toBeLessThanOrEqual(1);
  raw.terminate();
});

test('leaving the namespace ends the connection', async () => {
  const server = await startStubGateway();
  const raw = new WebSocket(`${server.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`);
  await once(raw, 'message');
  raw.send(`40${JSON.stringify({ token: tokenOf('ann') })}`);
  await once(raw, 'message');
  raw.send('41');
  await once(raw, 'close');
  expect(server.gateway.stats().sockets).toBe(0);
});
