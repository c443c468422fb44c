import { once } from 'node:events';
import { describe, expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { until } from '../support/until.ts';
import {
  bareClient,
  clientOf,
  connected,
  startStubGateway,
  stockClient,
  type StubGateway,
  textOf,
  tokenOf,
  transports,
} from './stub-gateway.ts';

const failed = (code: string) => ({ ok: false, error: expect.objectContaining({ code }) });

/** A WebSocket that speaks Engine.IO as the test says, and what it was sent. */
async function engine({ url }: StubGateway) {
  const raw = new WebSocket(`${url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`);
  onTestFinished(() => raw.terminate());
  const frames: string[] = [];
  raw.on('message', (data) => frames.push(textOf(data)));
  await once(raw, 'message');
  const next = (prefix: string) => until(() => frames.find((frame) => frame.startsWith(prefix)), { what: `a frame ${prefix}` });
  return { raw, frames, next };
}

async function joined(server: StubGateway) {
  const client = await engine(server);
  client.raw.send(`40${JSON.stringify({ token: tokenOf('ann') })}`);
  await client.next('42["connected"');
  client.frames.length = 0;
  return client;
}

const placeholder = '{"_placeholder":true,"num":0}';

describe('packets that are no calls', () => {
  test.each([
    ['42["disconnect"]', 'OPERATION_UNKNOWN'],
    ['42["connect_error",{}]', 'OPERATION_UNKNOWN'],
    ['42{}', 'VALIDATION_FAILED'],
    ['42[{}]', 'VALIDATION_FAILED'],
    ['42["x"', 'MALFORMED_JSON'],
    ['42', 'OPERATION_UNKNOWN'],
    ['4', 'VALIDATION_FAILED'],
    ['49', 'VALIDATION_FAILED'],
    ['40', 'VALIDATION_FAILED'],
    ['40{"token":"x"}', 'VALIDATION_FAILED'],
    ['41{}', 'VALIDATION_FAILED'],
    ['43{}', 'VALIDATION_FAILED'],
    ['44{"message":"x"}', 'VALIDATION_FAILED'],
    ['42/admin,["test:echo"]', 'NOT_FOUND'],
    ['41/admin,', 'VALIDATION_FAILED'],
    [`42${'9'.repeat(400)}["test:echo"]`, 'VALIDATION_FAILED'],
    [`451-["test:echo",${placeholder}]`, 'VALIDATION_FAILED'],
    [`4550-["test:echo",${placeholder}]`, 'VALIDATION_FAILED'],
    ['45-["test:echo"]', 'VALIDATION_FAILED'],
    ['461-7[]', 'VALIDATION_FAILED'],
  ])('%s is answered %s and the connection lives', async (packet, code) => {
    const { raw, frames, next } = await joined(await startStubGateway());
    raw.send(packet);
    const answer = await next(packet.startsWith('46') ? '437[' : '42["error"');
    expect(answer).toContain(`"code":"${code}"`);
    frames.length = 0;
    raw.send('421["test:echo",{}]');
    expect(await next('431[')).toContain('"ok":true');
  });

  test('have their error in the acknowledgement they asked for', async () => {
    const { raw, frames, next } = await joined(await startStubGateway());
    for (const [packet, code] of [
      ['427["disconnect"]', 'OPERATION_UNKNOWN'],
      ['428{}', 'VALIDATION_FAILED'],
      [`4550-9["test:echo",${placeholder}]`, 'VALIDATION_FAILED'],
      ['42/admin,5["test:echo"]', 'NOT_FOUND'],
    ] as const) {
      frames.length = 0;
      raw.send(packet);
      // What belongs to a refused packet is no packet of its own.
      if (packet.startsWith('45')) for (let part = 0; part < 50; part += 1) raw.send(Buffer.from('bytes'));
      expect(await next('43')).toContain(`"code":"${code}"`);
      raw.send('421["test:echo",{}]');
      await next('431[');
      expect(frames.filter((frame) => frame.startsWith('42'))).toEqual([]);
    }
  });

  test('bytes are answered as bytes are', async () => {
    const { raw, next } = await joined(await startStubGateway());
    raw.send(Buffer.from('42["test:echo"]'));
    expect(await next('42["error"')).toContain('VALIDATION_FAILED');
  });

  test('of a stock client with many buffers too', async () => {
    const { url } = await startStubGateway();
    const client = stockClient(url, { token: tokenOf('ann') });
    await client.connect();
    const buffers = Array.from({ length: 50 }, () => Buffer.from('bytes'));
    expect(await client.socket.emitWithAck('test:echo', ...buffers)).toEqual(failed('VALIDATION_FAILED'));
    expect(await client.call('test:echo')).toMatchObject({ ok: true });
    await client.close();
  });

  test.each(['42["test:echo",{}]', '4', '49', '41', '40[]', '40{', `451-["x",${placeholder}]`])(
    'before the handshake %s is a refused handshake, and a good one follows',
    async (packet) => {
      const { raw, next } = await engine(await startStubGateway());
      raw.send(packet);
      const { data } = JSON.parse((await next('44')).slice(2));
      expect(data).toMatchObject({ code: expect.any(String), path: 'connect', requestId: expect.any(String) });
      raw.send(`40${JSON.stringify({ token: tokenOf('ann') })}`);
      await next('42["connected"');
    },
  );

  test('another namespace is refused in the shape of all errors', async () => {
    const { raw, next } = await engine(await startStubGateway());
    raw.send('40/admin,{}');
    expect(JSON.parse((await next('44/admin,')).slice('44/admin,'.length))).toMatchObject({ data: { code: 'NOT_FOUND', path: 'connect' } });
  });

  test.each(['garbage', '2', '', 'z'])('of Engine.IO itself, such as %j, end the connection with a reason', async (packet) => {
    const server = await startStubGateway();
    const neighbour = await connected('socket.io', server, 'bob');
    const { raw, next } = await joined(server);
    raw.send(packet);
    expect(await next('42["closing"')).toContain('"reason":"protocol_error"');
    await once(raw, 'close');
    expect(await neighbour.call('test:echo')).toMatchObject({ ok: true });
  });
});

const LARGE = 'x'.repeat(70_000);
const HUGE = 'x'.repeat(1_100_000);

describe.each(transports)('what is too large over %s', (transport) => {
  test('is refused in its acknowledgement, and the connection lives', async () => {
    const server = await startStubGateway();
    const client = await connected(transport, server, 'ann');
    expect(await client.call('test:echo', { text: LARGE })).toMatchObject({
      ok: false,
      error: { code: 'PAYLOAD_TOO_LARGE', path: 'test:echo', details: { limit: 65_536 } },
    });
    // 64 KiB are counted in bytes.
    expect(await client.call('test:echo', { text: '語'.repeat(30_000) })).toEqual(failed('PAYLOAD_TOO_LARGE'));
    client.emitRaw('test:echo', { text: LARGE });
    expect(await client.events.next('error')).toMatchObject({ operation: 'test:echo', error: { code: 'PAYLOAD_TOO_LARGE' } });
    expect(await client.call('test:echo', { text: 'still here' })).toMatchObject({ ok: true });
    expect(server.said).toHaveLength(1);
  });

  test('ends the connection above 1 MiB, which the log says', async () => {
    const server = await startStubGateway();
    const client = await connected(transport, server, 'ann');
    client.emitRaw('test:echo', { text: HUGE });
    expect(await client.closed).toMatchObject(transport === 'websocket' ? { code: 1009 } : { reason: 'transport close' });
    expect(server.logs).toContainEqual(
      expect.objectContaining({ level: 'info', userId: 'ann', msg: expect.stringContaining('more than one message') }),
    );
  });

  test('ends the connection of one who is not signed in, and is taken from one who has signed in since', async () => {
    const server = await startStubGateway();
    const [stranger, late] = [clientOf(transport, server.url), clientOf(transport, server.url)];
    await Promise.all([stranger.connect(), late.connect()]);
    await late.call('authenticate', { token: tokenOf('ann') });
    expect(await late.call('test:echo', { text: LARGE })).toEqual(failed('PAYLOAD_TOO_LARGE'));
    stranger.emitRaw('test:echo', { text: LARGE });
    expect(await stranger.closed).toMatchObject(transport === 'websocket' ? { code: 1009 } : {});
  });
});

describe('what is too large for long polling', () => {
  const poll = async (server: StubGateway, auth: object) => {
    const session = `${server.url}/socket.io/?EIO=4&transport=polling`;
    const { sid } = JSON.parse((await (await fetch(session)).text()).slice(1));
    const get = async () => (await fetch(`${session}&sid=${sid}`)).text();
    const post = (body: string) => fetch(`${session}&sid=${sid}`, { method: 'POST', body });
    await post(`40${JSON.stringify(auth)}`);
    let seen = '';
    await until(async () => (seen += await get()).includes('"connected"'), { what: 'the welcome' });
    return { get, post };
  };

  test('is acknowledged up to 1 MiB, and answered 413 above', async () => {
    const server = await startStubGateway();
    const { get, post } = await poll(server, { token: tokenOf('ann') });
    expect((await post(`421["test:echo",{"text":"${LARGE}"}]`)).status).toBe(200);
    expect(await get()).toContain('PAYLOAD_TOO_LARGE');
    const waiting = get();
    const answer = await post(`421["test:echo",{"text":"${HUGE}"}]`);
    expect([answer.status, await answer.json()]).toEqual([413, expect.objectContaining({ code: 'PAYLOAD_TOO_LARGE' })]);
    expect(await waiting).toContain('"reason":"payload_too_large"');
    expect(server.logs).toContainEqual(
      expect.objectContaining({ level: 'info', userId: 'ann', msg: expect.stringContaining('more than one message') }),
    );
  });

  test('is 413 above 64 KiB for one who is not signed in', async () => {
    const { post } = await poll(await startStubGateway(), {});
    expect((await post(`421["test:echo",{"text":"${LARGE}"}]`)).status).toBe(413);
  });

  test('is no more than that after the upgrade', async () => {
    const { url } = await startStubGateway();
    const client = stockClient(url, { token: tokenOf('ann'), transports: ['polling', 'websocket'] });
    await client.connect();
    await until(() => client.socket.io.engine.transport.name === 'websocket', { what: 'the upgrade' });
    expect(await client.call('test:echo', { text: LARGE })).toEqual(failed('PAYLOAD_TOO_LARGE'));
    expect(await client.call('test:echo')).toMatchObject({ ok: true });
    await client.close();
  });
});

test('a frame above the limit that is no call is refused all the same', async () => {
  const { url } = await startStubGateway();
  const client = bareClient(url, { token: tokenOf('ann') });
  await client.connect();
  client.socket.send(`["${LARGE}`);
  expect(await client.events.next('error')).toMatchObject({ operation: '', error: { code: 'PAYLOAD_TOO_LARGE' } });
  expect(await client.call('test:echo')).toMatchObject({ ok: true });
  await client.close();
});
