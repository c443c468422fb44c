import { createConnections } from '@coucou/realtime/connections';
import type { GatewayOptions } from '@coucou/realtime/gateway-options';
import { describe, expect, test } from 'vitest';
import type { WebSocket } from 'ws';
import { until } from '../support/until.ts';
import { connected, startStubGateway, stockClient, type StubGateway, tokenOf, transports } from './stub-gateway.ts';
import { signedIn } from './ways.ts';

/** A round every 100 ms. */
const quick = (intervalMs: number, timeoutMs: number, options: Partial<GatewayOptions> = {}) =>
  startStubGateway({ authenticateTimeoutMs: 200, heartbeat: { intervalMs, timeoutMs }, ...options });

/** Notes why connections end. */
const ending = (ended: string[]): Partial<GatewayOptions> => ({
  activity: {
    connected:
      () =>
      ({ reason }) =>
        void ended.push(reason),
  },
});

const goes = ({ gateway }: StubGateway) =>
  until(() => gateway.stats().connections + gateway.stats().upgraded === 0, { what: 'the end of the connection' });

const none = { sockets: 0, plain: 0, upgraded: 0, connections: 0, people: 0, rooms: 0 };

/** Signed in, and then nothing is read or answered any more: as far as the server can see, a peer that is gone without a word. */
async function silent(server: StubGateway, transport: (typeof transports)[number]) {
  const { raw } = await signedIn(transport, server);
  raw.pause();
}

describe.each(transports)('over %s', (transport) => {
  test('a peer that has gone without a word is given up, with all that was kept of it', async () => {
    const ended: string[] = [];
    const server = await quick(50, 400, ending(ended));
    server.currentMembers.members.add('ann');
    await silent(server, transport);
    await goes(server);
    expect(server.gateway.stats()).toMatchObject(none);
    expect(ended).toEqual(['ping_timeout']);
  });

  test('a peer that answers stays, and is asked again', async () => {
    const connections = createConnections();
    const server = await quick(100, 10_000, { connections });
    const client = await connected(transport, server, 'ann');
    const [socket] = connections.sockets.values();
    let asked = 0;
    socket?.conn.on('packetCreate', ({ type }: { type: string }) => (asked += type === 'ping' ? 1 : 0));
    if (transport === 'websocket') (client as unknown as { socket: WebSocket }).socket.on('ping', () => (asked += 1));
    await until(() => asked >= 3, { what: 'three pings' });
    expect(await client.call('test:echo')).toMatchObject({ ok: true });
    expect(server.gateway.stats().sockets).toBe(1);
  });
});

test('a client that polls no more is given up', async () => {
  const ended: string[] = [];
  const server = await quick(50, 400, ending(ended));
  const session = `${server.url}/socket.io/?EIO=4&transport=polling`;
  const { sid } = JSON.parse((await (await fetch(session)).text()).slice(1)) as { sid: string };
  await fetch(`${session}&sid=${sid}`, { method: 'POST', body: `40${JSON.stringify({ token: tokenOf('ann') })}` });
  await goes(server);
  expect(server.gateway.stats()).toMatchObject(none);
  expect(ended).toEqual(['ping_timeout']);
});

test('a client that upgrades is asked over its new transport', async () => {
  const server = await quick(100, 10_000);
  const client = stockClient(server.url, { token: tokenOf('ann'), transports: ['polling', 'websocket'] });
  await client.connect();
  const { engine } = client.socket.io;
  await until(() => engine.transport.name === 'websocket', { what: 'the upgrade' });
  let asked = 0;
  engine.on('ping', () => (asked += 1));
  await until(() => asked >= 2, { what: 'two pings' });
  expect(client.socket.connected).toBe(true);
  await client.close();
});

/** Engine.IO keeps these to itself, so another version may have others: a timer for each connection, and one for each ping. */
test('no connection has a timer of its own', async () => {
  const connections = createConnections();
  const server = await quick(100, 10_000, { connections });
  await connected('socket.io', server, 'ann');
  const [socket] = connections.sockets.values();
  const conn = socket?.conn as unknown as Record<string, unknown>;
  let asked = 0;
  socket?.conn.on('packetCreate', ({ type }: { type: string }) => (asked += type === 'ping' ? 1 : 0));
  await until(() => asked >= 2, { what: 'two pings' });
  expect(conn).toMatchObject({ pingIntervalTimer: null, pingTimeoutTimer: null });
  for (const method of ['schedulePing', 'resetPingTimeout', 'sendPacket', 'onClose']) expect(conn[method]).toBeTypeOf('function');
  expect((socket as unknown as { client: object }).client).toHaveProperty('connectTimeout', undefined);
});
