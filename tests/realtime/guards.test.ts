import { once } from 'node:events';
import type { ReadyOperation } from '@coucou/application/kernel/execute';
import { type Operation, operation } from '@coucou/contracts/kernel/operation';
import { describe, expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { z } from 'zod';
import { until } from '../support/until.ts';
import { bareClient, connected, startStubGateway, stockClient, type StubGateway, textOf, tokenOf, transports } from './stub-gateway.ts';
import { signedIn } from './ways.ts';

const callable = (name: string, socket: string, run: ReadyOperation['run']): ReadyOperation<Operation> => ({
  operation: operation({ name, summary: 'A test.', socket, access: 'user', input: z.strictObject({ n: z.int().default(0) }), errors: [] }),
  run,
});

/** Calls that are held until the test lets go; sweeps come twice a second. */
async function hold() {
  const door = Promise.withResolvers<void>();
  const begun: number[] = [];
  const operations = [
    callable('test.held', 'test:held', async (input) => {
      begun.push((input as { n: number }).n);
      await door.promise;
      return { body: undefined, existing: false };
    }),
    callable('test.free', 'test:free', async () => ({ body: undefined, existing: false })),
  ];
  const server = await startStubGateway({ operations, authenticateTimeoutMs: 1_000 });
  onTestFinished(() => door.resolve());
  return { server, begun, open: () => door.resolve() };
}

describe.each(transports)('calls of one socket over %s', (transport) => {
  test('run some at once; the others wait, and are dropped with the socket', async () => {
    const { server, begun, open } = await hold();
    const { raw, call } = await signedIn(transport, server);
    const neighbour = await connected(transport, server, 'bob');
    for (let n = 0; n < 500; n += 1) call('test:held', n);
    await until(() => begun.length === 32, { what: 'the first to run' });
    for (let n = 0; n < 3; n += 1) expect(await neighbour.call('test:free')).toEqual({ ok: true });
    expect(begun).toHaveLength(32);
    raw.terminate();
    await until(() => server.gateway.stats().sockets === 1, { what: 'the end of a socket that is not read from' });
    open();
    await server.gateway.settled();
    expect(begun).toHaveLength(32);
  });

  test('run all of them, in order, once others are answered', async () => {
    const { server, begun, open } = await hold();
    const { call } = await signedIn(transport, server);
    for (let n = 0; n < 5_000; n += 1) call('test:held', n);
    await until(() => begun.length === 32, { what: 'the first to run' });
    open();
    await until(() => begun.length === 5_000, { what: 'the last' });
    expect(begun).toEqual(Array.from({ length: 5_000 }, (_, n) => n));
  });
});

test('calls of a polling client wait in its next request', async () => {
  const { server, begun, open } = await hold();
  const client = stockClient(server.url, { token: tokenOf('ann'), transports: ['polling'] });
  await client.connect();
  const answers = Array.from({ length: 3_000 }, (_, n) => client.socket.emitWithAck('test:held', { n }));
  await until(() => begun.length === 32, { what: 'the first to run' });
  open();
  expect(await Promise.all(answers)).toEqual(answers.map(() => ({ ok: true })));
  expect(begun).toHaveLength(3_000);
  await client.close();
});

test('calls of a client that upgrades meanwhile are all answered', async () => {
  const { server, begun, open } = await hold();
  const client = stockClient(server.url, { token: tokenOf('ann'), transports: ['polling', 'websocket'] });
  await client.connect();
  const answers = Array.from({ length: 1_000 }, (_, n) => client.socket.emitWithAck('test:held', { n }));
  await until(() => client.socket.io.engine.transport.name === 'websocket', { what: 'the upgrade' });
  open();
  await Promise.all(answers);
  expect(begun).toHaveLength(1_000);
  await client.close();
});

/** A client that polls by hand. */
async function polling({ url }: StubGateway, auth: object) {
  const session = `${url}/socket.io/?EIO=4&transport=polling`;
  const { sid } = JSON.parse((await (await fetch(session)).text()).slice(1)) as { sid: string };
  const get = async () => (await fetch(`${session}&sid=${sid}`)).text();
  const post = async (packets: readonly string[]) =>
    (await fetch(`${session}&sid=${sid}`, { method: 'POST', body: packets.join('\u001E') })).status;
  await post([`40${JSON.stringify(auth)}`]);
  return { get, post };
}

test('a polling client that does not wait for the answer of its last request is cut as by Engine.IO', async () => {
  const { server, begun, open } = await hold();
  const { get, post } = await polling(server, { token: tokenOf('ann') });
  expect(await get()).toContain('40{"sid"');
  const calls = (count: number) => Array.from({ length: count }, () => '42["test:held",{}]');
  await post(calls(40));
  await until(() => begun.length === 32, { what: 'the first to run' });
  const held = post(calls(1));
  const overlapping = post(calls(1));
  expect(await Promise.race([held, overlapping])).toBe(400);
  await until(() => server.gateway.stats().sockets === 0, { what: 'the end of the connection' });
  open();
  await server.gateway.settled();
  expect(begun).toHaveLength(32);
  await Promise.all([held, overlapping]);
});

test('attempts to connect of one connection are bounded', async () => {
  const { get, post } = await polling(await startStubGateway(), { token: 'bad' });
  expect(await get()).toContain('44{');
  await post(Array.from({ length: 4_000 }, (_, n) => `40/${n},`));
  expect((await get()).length).toBeLessThan(64_000);
  expect(await post(['40'])).toBe(400);
});

test.each([
  ['that are no calls', '45', 9_000],
  ['beyond the calls that may wait', '42["nothing"]', 9_000],
])('refused packets %s, all in one request, are not answered without end', async (_which, packet, count) => {
  const { get, post } = await polling(await startStubGateway({ mostBuffered: 100_000 }), { token: tokenOf('ann') });
  expect(await get()).toContain('40{"sid"');
  await post(Array.from({ length: count }, () => packet));
  // The calls that wait have their answers all the same.
  expect((await get()).length).toBeLessThan(2_000_000);
});

test('more packets in one request than are read at once end the connection', async () => {
  const server = await startStubGateway();
  const { get, post } = await polling(server, { token: tokenOf('ann') });
  expect(await get()).toContain('40{"sid"');
  await post(Array.from({ length: 12_000 }, () => '45'));
  // A polling connection ends with its next answer.
  await get();
  await until(() => server.gateway.stats().sockets === 0, { what: 'the end of the connection' });
});

test('more calls in one request than may wait are refused', async () => {
  const { server, open } = await hold();
  const session = `${server.url}/socket.io/?EIO=4&transport=polling`;
  const { sid } = JSON.parse((await (await fetch(session)).text()).slice(1));
  const post = (body: string) => fetch(`${session}&sid=${sid}`, { method: 'POST', body });
  const get = async () => (await fetch(`${session}&sid=${sid}`)).text();
  await post(`40${JSON.stringify({ token: tokenOf('ann') })}`);
  let seen = '';
  await until(async () => (seen += await get()).includes('"connected"'), { what: 'the welcome' });
  await post(Array.from({ length: 4_300 }, () => '42["test:held",{}]').join('\u001E'));
  const refused = (await get()).split('\u001E').filter((packet) => packet.includes('"OVERLOADED"'));
  expect(refused).toHaveLength(4_300 - 32 - 4_096);
  open();
});

describe.each(transports)('control frames over %s', (transport) => {
  test.each(['ping', 'pong'] as const)('are bounded: too many %ss end the connection with a reason', async (kind) => {
    const server = await startStubGateway();
    const { raw, seen } = await signedIn(transport, server);
    for (let n = 0; n < 200; n += 1) raw[kind]('x'.repeat(125));
    const [code] = await once(raw, 'close');
    expect(seen()).toContain('"reason":"rate_limited"');
    expect(code).toBe(transport === 'websocket' ? 4003 : 1005);
  });

  test('of one who has not signed in, and of one who does not read, are bounded too', async () => {
    const server = await startStubGateway();
    const raw = new WebSocket(
      `${server.url.replace('http', 'ws')}${transport === 'websocket' ? '/ws' : '/socket.io/?EIO=4&transport=websocket'}`,
    );
    onTestFinished(() => raw.terminate());
    await once(raw, 'open');
    raw.pause();
    for (let n = 0; n < 200; n += 1) raw.ping();
    expect(await until(() => server.gateway.stats().upgraded === 0, { what: 'the end of the connection' })).toBe(true);
  });

  test('as any library sends them are answered', async () => {
    const server = await startStubGateway();
    const { raw } = await signedIn(transport, server);
    for (let n = 0; n < 20; n += 1) {
      raw.ping();
      await once(raw, 'pong');
    }
    expect(server.gateway.stats().sockets).toBe(1);
  });
});

test('heartbeats of Engine.IO are bounded as control frames are', async () => {
  const { raw, seen } = await signedIn('socket.io', await startStubGateway());
  for (let n = 0; n < 200; n += 1) raw.send('3');
  await once(raw, 'close');
  expect(seen()).toContain('"reason":"rate_limited"');
});

describe.each(transports)('one who has not signed in over %s', (transport) => {
  const path = transport === 'websocket' ? '/ws' : '/socket.io/?EIO=4&transport=websocket';
  const hello = transport === 'websocket' ? '["connect",{}]' : '40';

  test.each([
    ['nothing', []],
    ['no token', [hello]],
    ['nothing that is taken', Array.from({ length: 50 }, () => 'nonsense')],
    ['calls only', [hello, ...Array.from({ length: 50 }, () => `${transport === 'websocket' ? '' : '42'}["test:echo",{}]`)]],
  ])('and says %s and does not read does not outlive the time for it', async (_, frames) => {
    const server = await startStubGateway({ authenticateTimeoutMs: 500 });
    const raw = new WebSocket(`${server.url.replace('http', 'ws')}${path}`);
    onTestFinished(() => raw.terminate());
    await once(raw, 'open');
    raw.pause();
    for (const frame of frames) raw.send(frame);
    expect(await until(() => server.gateway.stats().upgraded === 0, { what: 'the end of the connection', timeoutMs: 4_000 })).toBe(true);
  });

  test('is told why, whether there is a socket or not', async () => {
    const server = await startStubGateway({ authenticateTimeoutMs: 500 });
    const raw = new WebSocket(`${server.url.replace('http', 'ws')}${path}`);
    let seen = '';
    raw.on('message', (data) => (seen += textOf(data)));
    await once(raw, 'close');
    expect(seen).toContain('"reason":"unauthenticated"');
  });

  test('and asks much and reads nothing is cut before its answers fill the memory', async () => {
    const server = await startStubGateway({ mostBuffered: 100_000 });
    const raw = new WebSocket(`${server.url.replace('http', 'ws')}${path}`);
    onTestFinished(() => raw.terminate());
    await once(raw, 'open');
    raw.pause();
    const frame = transport === 'websocket' ? '[' : '40[]';
    const isOver = await until(
      () => {
        for (let n = 0; n < 2_000; n += 1) raw.send(frame);
        return server.gateway.stats().upgraded === 0;
      },
      // It is cut after it has had time to read why.
      { what: 'the end of the connection', timeoutMs: 60_000 },
    );
    expect(isOver).toBe(true);
  });
});

test('a plain client that calls much and reads nothing is closed as any that is slow', async () => {
  const server = await startStubGateway({ mostBuffered: 100_000 });
  const client = bareClient(server.url, { token: tokenOf('ann') });
  await client.connect();
  client.socket.pause();
  await until(
    () => {
      for (let n = 0; n < 2_000; n += 1) client.emitRaw('nonsense', {}, n);
      return server.gateway.stats().sockets === 0;
    },
    { what: 'the end of the connection' },
  );
  expect(server.logs).toContainEqual(expect.objectContaining({ msg: 'closed a slow consumer' }));
});
