import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { until } from '../support/until.ts';
import { bareClient, connected, startStubGateway, stockClient, textOf, tokenOf, transports } from './stub-gateway.ts';

const failed = (code: string) => ({ ok: false, error: expect.objectContaining({ code }) });

describe.each(transports)('calls over %s', (transport) => {
  test('are answered by their acknowledgement', async () => {
    const server = await startStubGateway();
    const client = await connected(transport, server, 'ann');
    expect(await client.call('test:echo', { text: 'hi' })).toEqual({ ok: true, data: { text: 'hi', userId: 'ann' } });
    expect(await client.call('test:echo')).toEqual({ ok: true, data: { text: 'nothing', userId: 'ann' } });
    expect(await client.call('test:echo', { text: 'hi' }, { idempotencyKey: 'k' })).toMatchObject({ ok: true });
    expect(await client.call('test:silent', {})).toEqual({ ok: true });
    expect(server.said[0]?.call).toMatchObject({
      account: 'acc',
      actor: { userId: 'ann', sessionId: 'of-ann' },
      requestId: expect.any(String),
    });
  });

  test('without an acknowledgement answer only what failed', async () => {
    const server = await startStubGateway();
    const client = await connected(transport, server, 'ann');
    client.emitRaw('test:echo', { text: 'fine' });
    client.emitRaw('test:echo', { text: 5 });
    expect(await client.events.next('error')).toMatchObject({
      at: expect.any(String),
      operation: 'test:echo',
      error: { code: 'VALIDATION_FAILED', path: 'test:echo', details: [{ path: ['text'] }] },
    });
    expect(server.said.map(({ text }) => text)).toEqual(['fine']);
    expect(client.events.of('error')).toHaveLength(1);
  });

  test('say nothing of what is inside, and log it', async () => {
    const server = await startStubGateway();
    const client = await connected(transport, server, 'ann');
    const result = await client.call('test:broken', {});
    expect(result).toEqual(failed('INTERNAL'));
    expect(JSON.stringify(result)).not.toContain('secret');
    const line = server.logs.find(({ level }) => level === 'error');
    expect(line).toMatchObject({ operation: 'test:broken', userId: 'ann', code: 'INTERNAL', err: { message: 'a secret of the inside' } });
  });

  test('are logged without what was said', async () => {
    const server = await startStubGateway();
    const client = await connected(transport, server, 'ann');
    await client.call('test:echo', { text: 'between us' });
    expect(server.logs.find(({ operation }) => operation === 'test:echo')).toMatchObject({
      level: 'debug',
      code: 'OK',
      userId: 'ann',
      socketId: expect.any(String),
      accountId: expect.any(String),
      sessionId: expect.any(String),
      ip: expect.stringMatching(/^(127\.0\.0\.1|::1)$/),
      requestId: expect.any(String),
      durationMs: expect.any(Number),
    });
    expect(JSON.stringify(server.logs)).not.toContain('between us');
    expect(JSON.stringify(server.logs)).not.toContain(tokenOf('ann').slice(0, 12));
  });

  test('start in the order they came', async () => {
    const server = await startStubGateway();
    const client = await connected(transport, server, 'ann');
    const words = Array.from({ length: 50 }, (_, index) => `word ${index}`);
    await Promise.all(words.map((text, index) => client.call('test:echo', { text, waitMs: index % 3 })));
    expect(server.said.map(({ text }) => text)).toEqual(words);
  });

  test('settled waits for those under way', async () => {
    const server = await startStubGateway();
    const client = await connected(transport, server, 'ann');
    const call = client.call('test:echo', { waitMs: 100 });
    await until(() => server.said.length === 1, { what: 'the call to start' });
    await server.gateway.settled();
    expect(server.logs).toContainEqual(expect.objectContaining({ operation: 'test:echo', code: 'OK' }));
    await call;
  });

  test('that make no sense are refused, and the neighbour hears nothing of it', async () => {
    const server = await startStubGateway();
    const [client, neighbour] = [await connected(transport, server, 'ann'), await connected(transport, server, 'bob')];
    const invalid: unknown[] = [
      7,
      'text',
      true,
      [],
      [{ text: 'in an array' }],
      { text: 'x', unknown: 1 },
      { text: { $gt: '' } },
      { text: null },
      { text: 'nul \u0000' },
      { text: 'half \ud800' },
      { text: 'x'.repeat(5_001) },
      { _placeholder: true, num: 0 },
      { text: { _placeholder: true, num: 0 } },
      JSON.parse('{"__proto__":{"text":"polluted"}}'),
      JSON.parse('{"text":"x","constructor":{"prototype":{"polluted":true}}}'),
    ];
    for (const input of invalid) expect(await client.call('test:echo', input)).toEqual(failed('VALIDATION_FAILED'));
    for (const meta of [7, 'meta', [], true]) expect(await client.call('test:echo', {}, meta)).toEqual(failed('VALIDATION_FAILED'));
    expect(server.said).toEqual([]);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    expect(await neighbour.call('test:echo')).toMatchObject({ ok: true });
    expect(await client.call('test:echo')).toMatchObject({ ok: true });
  });

  test('by unknown names are unknown operations, whatever they mean elsewhere', async () => {
    const server = await startStubGateway();
    const client = await connected(transport, server, 'ann');
    const names = [
      'nonsense',
      '',
      'message:new',
      'connected',
      'closing',
      'error',
      'connection',
      'toString',
      '__proto__',
      'test.nothing',
      'x'.repeat(500),
    ];
    for (const name of names) expect({ name, ...(await client.call(name, {})) }).toEqual({ name, ...failed('OPERATION_UNKNOWN') });
    const long = await client.call('x'.repeat(500), {});
    expect(JSON.stringify(long).length).toBeLessThan(500);
  });
});

test('binary and surplus arguments are refused on Socket.IO', async () => {
  const { url } = await startStubGateway();
  const client = stockClient(url, { token: tokenOf('ann') });
  await client.connect();
  for (const input of [Buffer.from('bytes'), { text: Buffer.from('bytes') }, { data: { deep: new Uint8Array(3) } }])
    expect(await client.call('test:echo', input)).toEqual(failed('VALIDATION_FAILED'));
  expect(await client.call('test:echo', {}, Buffer.from('meta'))).toEqual(failed('VALIDATION_FAILED'));
  expect(await client.socket.emitWithAck('test:echo', {}, {}, 'surplus')).toEqual(failed('VALIDATION_FAILED'));
  client.emitRaw('test:echo', {}, {}, 'no function');
  expect(await client.events.next('error')).toMatchObject({ error: { code: 'VALIDATION_FAILED' } });
  client.emitRaw('error', 'of the client');
  expect(await client.events.next('error')).toMatchObject({ operation: 'error', error: { code: 'OPERATION_UNKNOWN' } });
  expect(await client.call('test:echo')).toMatchObject({ ok: true });
  await client.close();
});

test.each([
  { path: 'ws', hello: ['connect', { token: tokenOf('ann') }], call: (input: string) => `["test:echo",${input},5]` },
  { path: 'socket.io/?EIO=4&transport=websocket', hello: undefined, call: (input: string) => `425["test:echo",${input}]` },
])('nesting deeper than any stack is refused at /$path', async ({ path, hello, call }) => {
  const server = await startStubGateway();
  const raw = new WebSocket(`${server.url.replace('http', 'ws')}/${path}`);
  await once(raw, hello === undefined ? 'message' : 'open');
  raw.send(hello === undefined ? `40${JSON.stringify({ token: tokenOf('ann') })}` : JSON.stringify(hello));
  let answers = '';
  raw.on('message', (data) => (answers += textOf(data)));
  await until(() => answers.includes('connected'), { what: 'the welcome' });
  for (const [open, close] of [
    ['[', ']'],
    ['{"text":', '}'],
  ] as const) {
    answers = '';
    raw.send(call(`${open.repeat(7_000)}1${close.repeat(7_000)}`));
    await until(() => answers !== '', { what: 'an answer' });
    expect(answers).toContain('VALIDATION_FAILED');
  }
  raw.close();
});

describe('frames of plain WebSocket', () => {
  const start = async () => {
    const server = await startStubGateway();
    const client = bareClient(server.url, { token: tokenOf('ann') });
    await client.connect();
    return { server, client };
  };

  test.each([
    ['not JSON', 'MALFORMED_JSON'],
    ['', 'MALFORMED_JSON'],
    ['2["test:echo",{}]', 'MALFORMED_JSON'],
    ['42["test:echo",{}]', 'MALFORMED_JSON'],
    ['{}', 'VALIDATION_FAILED'],
    ['null', 'VALIDATION_FAILED'],
    ['7', 'VALIDATION_FAILED'],
    ['"connect"', 'VALIDATION_FAILED'],
    ['[]', 'VALIDATION_FAILED'],
    ['[5,{}]', 'VALIDATION_FAILED'],
    ['[["test:echo"],{}]', 'VALIDATION_FAILED'],
    ['["test:echo",{},1,{},"surplus"]', 'VALIDATION_FAILED'],
    ['["connect",{}]', 'VALIDATION_FAILED'],
    ['["test:echo",{},"7"]', 'VALIDATION_FAILED'],
    ['["test:echo",{},-1]', 'VALIDATION_FAILED'],
    ['["test:echo",{},1.5]', 'VALIDATION_FAILED'],
    ['["test:echo",{},1e300]', 'VALIDATION_FAILED'],
    ['["test:echo",{},9007199254740993]', 'VALIDATION_FAILED'],
    ['["test:echo",{},"1[\\"connected\\"]"]', 'VALIDATION_FAILED'],
    ['["test:echo",{},{"toString":1}]', 'VALIDATION_FAILED'],
    ['["disconnect",{}]', 'OPERATION_UNKNOWN'],
    ['["newListener",{}]', 'OPERATION_UNKNOWN'],
  ])('%s is answered %s and the connection lives', async (frame, code) => {
    const { client } = await start();
    client.socket.send(frame);
    expect(await client.events.next('error')).toMatchObject({ at: expect.any(String), operation: expect.any(String), error: { code } });
    expect(await client.call('test:echo', { text: 'still here' })).toMatchObject({ ok: true, data: { text: 'still here' } });
    await client.close();
  });

  test('binary frames are refused', async () => {
    const { client } = await start();
    client.socket.send(Buffer.from('["test:echo",{},1]'));
    expect(await client.events.next('error')).toMatchObject({ error: { code: 'VALIDATION_FAILED' } });
    expect(await client.call('test:echo')).toMatchObject({ ok: true });
    await client.close();
  });

  test('ids come back as they are, from 0 to the largest whole number', async () => {
    const { client } = await start();
    const acks: unknown[] = [];
    client.socket.on('message', (data) => acks.push(JSON.parse(textOf(data))));
    for (const id of [0, 1, Number.MAX_SAFE_INTEGER]) client.emitRaw('test:silent', {}, id);
    await until(() => acks.length === 3, { what: 'three answers' });
    expect(acks).toEqual([0, 1, Number.MAX_SAFE_INTEGER].map((id) => ['ack', id, { ok: true }]));
    await client.close();
  });

  test('before connect nothing is done', async () => {
    const server = await startStubGateway();
    const raw = new WebSocket(`${server.url.replace('http', 'ws')}/ws`);
    await once(raw, 'open');
    const frames: unknown[] = [];
    raw.on('message', (data) => frames.push(JSON.parse(textOf(data))));
    raw.send('["test:echo",{},3]');
    raw.send('["test:echo",{}]');
    raw.send('["connect",[]]');
    await until(() => frames.length === 3, { what: 'three answers' });
    expect(frames).toEqual([
      ['ack', 3, failed('UNAUTHENTICATED')],
      ['error', expect.objectContaining({ operation: 'test:echo' })],
      ['error', expect.objectContaining({ operation: 'connect' })],
    ]);
    raw.send(JSON.stringify(['connect', { token: tokenOf('ann') }]));
    await until(() => frames.length === 4, { what: 'the welcome' });
    expect(frames[3]).toEqual(['connected', expect.objectContaining({ userId: 'ann' })]);
    raw.close();
    expect(server.said).toEqual([]);
  });
});
