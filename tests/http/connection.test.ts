import { once } from 'node:events';
import { connect, type AddressInfo } from 'node:net';
import { metrics as catalogue } from '@coucou/application/metrics/catalogue';
import { ErrorBody } from '@coucou/contracts/kernel/error';
import { UPLOAD_TIMEOUT_MS } from '@coucou/http/files';
import { type Timeouts, TIMEOUTS } from '@coucou/http/server';
import { createMetrics } from '@coucou/observability/metrics';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { stubServer } from './stub-server.ts';

const { app, lines } = stubServer();
let port: number;

beforeAll(async () => {
  await app.listen({ port: 0, host: '127.0.0.1' });
  ({ port } = app.server.address() as AddressInfo);
});
afterAll(() => app.close());

/** Sends bytes as they are, and reads until the server hangs up. */
const exchange = (bytes: string): Promise<string> =>
  new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    socket.setEncoding('utf8').on('data', (text: string) => (answer += text));
    socket.on('close', () => resolve(answer)).on('error', reject);
  });

describe('bytes that are no HTTP request', () => {
  it.each([
    ['nonsense', 'hello\r\n\r\n', '400 Bad Request', 'VALIDATION_FAILED'],
    ['a broken header', 'GET / HTTP/1.1\r\nHost: x\r\n: broken\r\n\r\n', '400 Bad Request', 'VALIDATION_FAILED'],
    [
      'two lengths',
      'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
      '400 Bad Request',
      'VALIDATION_FAILED',
    ],
    ['a megabyte of headers', `GET / HTTP/1.1\r\nHost: x\r\nX-Long: ${'x'.repeat(1_048_576)}\r\n\r\n`, '431 ', 'PAYLOAD_TOO_LARGE'],
    ['a megabyte of address', `GET /${'x'.repeat(1_048_576)} HTTP/1.1\r\nHost: x\r\n\r\n`, '431 ', 'PAYLOAD_TOO_LARGE'],
    ['endless headers', `GET / HTTP/1.1\r\nHost: x\r\nX-Long: ${'x'.repeat(20_000)}\r\n\r\n`, '431 ', 'PAYLOAD_TOO_LARGE'],
  ])('are answered in the one shape: %s', async (_, bytes, status, code) => {
    const answer = await exchange(bytes);
    const [head = '', body = ''] = answer.split('\r\n\r\n');
    expect(head).toContain(`HTTP/1.1 ${status}`);
    expect(ErrorBody.strict().parse(JSON.parse(body))).toMatchObject({ code });
  });

  it('leave the server as it was', async () => {
    expect((await fetch(`http://127.0.0.1:${port}/health/live`)).status).toBe(200);
  });
});

describe('a request that Node would answer itself', () => {
  const post = 'POST /api/v1/ping HTTP/1.1\r\nConnection: close\r\nContent-Length: 0\r\n';
  it.each([
    ['an expectation', `${post}Host: x\r\nExpect: a miracle\r\n\r\n`, '417 Expectation Failed', 'VALIDATION_FAILED'],
    ['no host', `${post}\r\n`, '400 Bad Request', 'VALIDATION_FAILED'],
    ['two hosts', `${post}Host: x\r\nHost: y\r\n\r\n`, '400 Bad Request', 'VALIDATION_FAILED'],
    [
      'a transfer coding',
      'POST /api/v1/ping HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n',
      '415 Unsupported Media Type',
      'UNSUPPORTED_MEDIA_TYPE',
    ],
    ['CONNECT', 'CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n', '40', expect.any(String)],
    ['a coding', `${post}Host: x\r\nContent-Encoding: gzip\r\n\r\n`, '415 Unsupported Media Type', 'UNSUPPORTED_MEDIA_TYPE'],
  ])('is answered in the one shape: %s', async (_, bytes, status, code) => {
    const [head = '', body = ''] = (await exchange(bytes)).split('\r\n\r\n');
    expect(head).toContain(`HTTP/1.1 ${status}`);
    const answer = ErrorBody.strict().parse(JSON.parse(body));
    expect(head.toLowerCase()).toContain(`x-request-id: ${answer.requestId}`);
    expect(answer).toMatchObject({ code });
  });

  it('is answered as any other where it asks for nothing unusual', async () => {
    for (const header of ['Expect: 100-continue', 'Content-Encoding: identity'])
      expect(await exchange(`${post}Host: x\r\n${header}\r\n\r\n`)).toContain('HTTP/1.1 200 OK');
  });
});

describe('a body that is not sent', () => {
  const slow = 'POST /api/v1/ping HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{';

  async function patient(timeouts: Partial<Timeouts>): Promise<void> {
    const other = stubServer({ timeouts });
    await other.app.listen({ port: 0, host: '127.0.0.1' });
    ({ port } = other.app.server.address() as AddressInfo);
    onTestFinished(async () => {
      ({ port } = app.server.address() as AddressInfo);
      await other.app.close();
    });
  }

  it('is answered in time, and the connection closed', async () => {
    await patient({ handlerMs: 50 });
    const [head = '', body = ''] = (await exchange(slow)).split('\r\n\r\n');
    expect(head).toMatch(/^HTTP\/1\.1 503 /);
    expect(head.toLowerCase()).toMatch(/\nconnection: close/);
    expect(head.toLowerCase()).toMatch(/\nretry-after: 1\r?\n/);
    expect(ErrorBody.strict().parse(JSON.parse(body))).toMatchObject({ code: 'TIMEOUT', details: { retryAfterSeconds: 1 } });
  });

  const refused = slow.replace('POST /api/v1/ping', 'PUT /api/v1/notes/7');

  it('does not keep the connection of a request that was answered before', async () => {
    await patient({ restMs: 20 });
    expect(await exchange(refused)).toContain('HTTP/1.1 401 ');
  });

  it('may still come after the answer, and the connection goes on', async () => {
    const rest = '}GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n';
    expect((await exchange(`${refused}${rest}`)).match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 401', 'HTTP/1.1 200']);
  });

  it('is never cut by one timeout before another has answered', () => {
    const { headersMs, handlerMs, silenceMs, requestMs, keepAliveMs } = TIMEOUTS;
    expect(headersMs).toBeLessThan(handlerMs);
    expect(handlerMs).toBeLessThan(silenceMs);
    expect(UPLOAD_TIMEOUT_MS).toBeLessThan(requestMs);
    expect(keepAliveMs).toBeGreaterThan(60_000);
  });
});

describe('a client that hangs up', () => {
  it('leaves a line in the log', async () => {
    lines.length = 0;
    const controller = new AbortController();
    const waiting = fetch(`http://127.0.0.1:${port}/api/v1/wait`, { method: 'POST', signal: controller.signal });
    app.server.once('request', () => setImmediate(() => controller.abort()));

    await expect(waiting).rejects.toThrow('aborted');
    await vi.waitUntil(() => lines.length > 0);
    expect(lines).toMatchObject([{ message: 'request', route: '/api/v1/wait', status: 499 }]);
  });
});

describe('a WebSocket', () => {
  it('is no client that hangs up, though it ends the same way', async () => {
    lines.length = 0;
    const socket = connect(port, '127.0.0.1', () =>
      socket.write('POST /api/v1/wait HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'),
    );
    await once(app.server, 'request');
    socket.destroy();
    await fetch(`http://127.0.0.1:${port}/api/v1/nowhere`);

    await vi.waitUntil(() => lines.length > 0);
    expect(lines).toMatchObject([{ message: 'request', status: 404 }]);
  });
});

describe('a server that is closing', () => {
  it('rejects requests on open connections, which is no fault to log', async () => {
    const closing = stubServer();
    let leave = (): void => undefined;
    closing.app.addHook('preClose', () => new Promise<void>((resolve) => (leave = resolve)));
    await closing.app.listen({ port: 0, host: '127.0.0.1' });
    const url = `http://127.0.0.1:${(closing.app.server.address() as AddressInfo).port}/health/live`;
    await (await fetch(url)).text();

    const closed = closing.app.close();
    const answer = await fetch(url);
    expect([answer.status, answer.headers.get('retry-after'), await answer.json()]).toMatchObject([
      503,
      '1',
      { code: 'SERVICE_UNAVAILABLE' },
    ]);
    leave();
    await closed;
    expect(closing.lines.filter(({ level }) => level === 'warn' || level === 'error')).toEqual([]);
  });
});

it('counts a call whose client asks for an upgrade that nobody offers', async () => {
  const metrics = createMetrics();
  const { app: counted } = stubServer({ metrics });
  for (const headers of [{}, { upgrade: 'h2c' }]) await counted.inject({ method: 'POST', url: '/api/v1/ping', headers });
  expect(metrics.counter(catalogue.calls, { operation: 'notes.ping', transport: 'http', status: '2xx' }).value).toBe(2);
});
