import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { TrafficRules } from '@coucou/application/ports/traffic-rules';
import { ErrorBody } from '@coucou/contracts/kernel/error';
import { errors } from '@coucou/domain/kernel/errors';
import { describe, expect, onTestFinished, test } from 'vitest';
import { until } from '../support/until.ts';
import { connected, startStubGateway, type StubGateway, tokenOf } from './stub-gateway.ts';
import { polling, upgrade, ways } from './ways.ts';

type Bounds = Pick<TrafficRules, 'unauthenticated'> &
  Readonly<{ handshakes?: number; trustProxy?: string[]; authenticateTimeoutMs?: number }>;

async function start({ unauthenticated, handshakes, ...options }: Bounds) {
  const rules = {
    socketEvents: undefined,
    connections: undefined,
    handshakes:
      handshakes === undefined ? undefined : ({ name: 'handshakes', rates: [{ limit: handshakes, windowSeconds: 3_600 }] } as const),
    unauthenticated,
  };
  const refusal = () => errors.RATE_LIMITED({ policy: 'handshakes', limit: handshakes, window: 3_600, retryAfterSeconds: 60 });
  return startStubGateway({ ...options, limits: { server: rules, accounts: { of: () => rules }, refusal } });
}

describe.each(Object.entries(ways))('a handshake by %s', (_name, shake) => {
  test('is refused where the network makes them too fast', async () => {
    const server = await start({ unauthenticated: undefined, handshakes: 2 });
    expect([(await shake(server)).status, (await shake(server)).status].every((status) => status < 300)).toBe(true);
    const { status, body, retryAfter } = await shake(server);
    expect([status, retryAfter]).toEqual([429, '60']);
    expect(ErrorBody.strict().parse(JSON.parse(body))).toMatchObject({ code: 'RATE_LIMITED', details: { policy: 'handshakes' } });
  });

  test('is refused where the network has as many that nobody has signed in to, and taken again once one has', async () => {
    const server = await start({ unauthenticated: { ofNode: 10, ofNetwork: 2 } });
    const { socket } = await upgrade('/ws')(server);
    expect((await shake(server)).status).toBeLessThan(300);
    const { status, body, retryAfter } = await shake(server);
    expect([status, retryAfter]).toEqual([429, '10']);
    expect(ErrorBody.strict().parse(JSON.parse(body))).toMatchObject({
      code: 'RATE_LIMITED',
      details: { policy: 'unauthenticated', limit: 2, retryAfterSeconds: 10 },
    });
    expect(server.refusedStrangers.value).toBe(1);
    socket?.send(JSON.stringify(['connect', { token: tokenOf('ann') }]));
    await until(() => server.gateway.stats().people === 1, { what: 'the socket that signed in' });
    expect((await shake(server)).status).toBeLessThan(300);
  });

  test('is refused where the node has as many, whoever they are of', async () => {
    const server = await start({ unauthenticated: { ofNode: 1, ofNetwork: 1_000 } });
    expect((await shake(server)).status).toBeLessThan(300);
    const { status, body, retryAfter } = await shake(server);
    expect([status, retryAfter]).toEqual([503, '10']);
    expect(ErrorBody.strict().parse(JSON.parse(body))).toMatchObject({ code: 'OVERLOADED', details: { reason: 'unauthenticated' } });
  });

  test('has its place back when it did not sign in within the time', async () => {
    const server = await start({ unauthenticated: { ofNode: 10, ofNetwork: 1 }, authenticateTimeoutMs: 100 });
    expect((await shake(server)).status).toBeLessThan(300);
    await until(async () => (await shake(server)).status < 300, { what: 'room for another' });
  });
});

test('a session is taken over by one WebSocket, and few may try at once', async () => {
  const server = await start({ unauthenticated: undefined });
  const warnings: string[] = [];
  const note = ({ name }: Error) => void warnings.push(name);
  process.on('warning', note);
  onTestFinished(() => void process.off('warning', note));
  const { sid } = JSON.parse((await polling(server)).body.slice(1)) as { sid: string };
  const takeOver = upgrade(`/socket.io/?EIO=4&transport=websocket&sid=${sid}`);
  const tries = await Promise.all(Array.from({ length: 15 }, () => takeOver(server)));
  // Some come when others have gone again.
  expect(server.gateway.stats().upgraded).toBeLessThanOrEqual(3);
  const refused = tries.find(({ status }) => status === 429);
  expect(ErrorBody.strict().parse(JSON.parse(refused?.body ?? ''))).toMatchObject({
    code: 'RATE_LIMITED',
    details: { policy: 'handshakes' },
  });
  expect(warnings).toEqual([]);
});

test('sockets that are signed in take no place of those that are not', async () => {
  const server = await start({ unauthenticated: { ofNode: 1, ofNetwork: 1 } });
  for (const transport of ['socket.io', 'websocket', 'socket.io', 'websocket'] as const) await connected(transport, server, 'ann');
  expect(server.gateway.stats().sockets).toBe(4);
});

describe('a connection that sends no request', () => {
  const MUTE = 'GET /socket.io/?EIO=4 HTTP/1.1\r\nHost: x\r\nX-Slow: ';
  /** Like a client that sends its headers as slowly as it may. */
  async function slow({ url }: StubGateway): Promise<{ socket: Socket; heard: Promise<string> }> {
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    onTestFinished(() => void socket.destroy());
    let text = '';
    socket.setEncoding('utf8').on('data', (part: string) => (text += part));
    const heard = once(socket, 'close').then(() => text);
    await once(socket, 'connect');
    socket.write(MUTE);
    return { socket, heard };
  }

  test('is one of few of its network, and answered what it would have been', async () => {
    const server = await start({ unauthenticated: { ofNode: 10, ofNetwork: 2 } });
    const [first] = [await slow(server), await slow(server)];
    const { heard } = await slow(server);
    const [head = '', body = ''] = (await heard).split('\r\n\r\n');
    expect(head).toMatch(/^HTTP\/1\.1 429 Too Many Requests\r\n/);
    expect(head).toContain('Retry-After: 10');
    expect(ErrorBody.strict().parse(JSON.parse(body))).toMatchObject({
      code: 'RATE_LIMITED',
      details: { policy: 'unauthenticated', limit: 2 },
    });
    expect(server.refusedStrangers.value).toBe(1);
    // One that has sent its request is none of them, however long it stays.
    first?.socket.write('x\r\n\r\n');
    await until(async () => (await polling(server).catch(() => undefined))?.status === 200, { what: 'room for a request' });
  });

  test('is one of few of the node', async () => {
    const server = await start({ unauthenticated: { ofNode: 1, ofNetwork: 1_000 } });
    await slow(server);
    expect(await (await slow(server)).heard).toMatch(/^HTTP\/1\.1 503 [\s\S]+"OVERLOADED"/);
  });

  test('is not counted where it is a proxy of ours: it has clients of many networks', async () => {
    const server = await start({ unauthenticated: { ofNode: 1, ofNetwork: 1 }, trustProxy: ['127.0.0.1'] });
    for (let at = 0; at < 3; at += 1) await slow(server);
    expect((await polling(server)).status).toBe(200);
  });
});

describe('a connection that is kept after its request', () => {
  /** Sends a request and goes on as slowly as it may; answers what came, and whether the connection was closed. */
  async function asked({ url }: StubGateway): Promise<{ socket: Socket; heard: () => string; closed: () => boolean }> {
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    onTestFinished(() => void socket.destroy());
    let text = '';
    socket.setEncoding('utf8').on('data', (part: string) => (text += part));
    await once(socket, 'connect');
    socket.write('GET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n');
    await until(() => text.includes('\r\n\r\n'), { what: 'the answer' });
    return { socket, heard: () => text.toLowerCase(), closed: () => socket.destroyed };
  }

  test('is one of few of its network: a further one is answered, and closed', async () => {
    const server = await start({ unauthenticated: { ofNode: 10, ofNetwork: 2 } });
    const kept = [await asked(server), await asked(server)];
    const further = await asked(server);
    expect(further.heard()).toMatch(/^http\/1\.1 404 /);
    await until(further.closed, { what: 'the end of the third' });
    expect(further.heard()).toContain('connection: close');
    expect(kept.map(({ closed, heard }) => [closed(), heard().includes('connection: close')])).toEqual([
      [false, false],
      [false, false],
    ]);
    kept[0]?.socket.destroy();
    await until(async () => !(await asked(server)).heard().includes('connection: close'), { what: 'room for another' });
  });

  test('is not counted where it is a proxy of ours, nor once it is a WebSocket', async () => {
    const proxied = await start({ unauthenticated: { ofNode: 1, ofNetwork: 1 }, trustProxy: ['127.0.0.1'] });
    for (let at = 0; at < 3; at += 1) expect((await asked(proxied)).heard()).not.toContain('connection: close');
    const server = await start({ unauthenticated: { ofNode: 10, ofNetwork: 1 } });
    await connected('websocket', server, 'ann');
    expect((await asked(server)).heard()).not.toContain('connection: close');
  });
});
