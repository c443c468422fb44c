import { once } from 'node:events';
import { connect, type AddressInfo } from 'node:net';
import { ErrorBody } from '@coucou/contracts/kernel/error';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
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
  it('turns away who still comes by an open connection', async () => {
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
  });
});
