import { connect } from 'node:net';
import { ErrorBody } from '@coucou/contracts/kernel/error';
import { describe, expect, test } from 'vitest';
import { startStubGateway } from './stub-gateway.ts';

/** Sends bytes as they are, and reads until the server hangs up. */
const exchange = (port: number, bytes: string): Promise<string> =>
  new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    socket.setEncoding('utf8').on('data', (text: string) => (answer += text));
    socket.on('close', () => resolve(answer)).on('error', reject);
  });

const HANDSHAKE =
  'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n';
const upgrade = (port: number, path: string, headers = ''): Promise<string> =>
  exchange(port, `GET ${path} HTTP/1.1\r\nHost: x\r\n${HANDSHAKE}${headers}\r\n`);

describe('what Engine.IO refuses is answered in the one error shape', () => {
  const polling = '/socket.io/?EIO=4&transport=polling';
  test.each([
    ['an unknown transport', '/socket.io/?EIO=4&transport=pigeon', {}, 400, 'VALIDATION_FAILED'],
    ['no transport', '/socket.io/', {}, 400, 'VALIDATION_FAILED'],
    ['an unknown session', `${polling}&sid=none`, {}, 400, 'VALIDATION_FAILED'],
    ['a handshake by POST', polling, { method: 'POST', body: '' }, 400, 'VALIDATION_FAILED'],
    ['an old protocol', '/socket.io/?EIO=3&transport=polling', {}, 400, 'VALIDATION_FAILED'],
    ['a WebSocket that is none', '/socket.io/?EIO=4&transport=websocket', {}, 400, 'VALIDATION_FAILED'],
    ['JSONP', `${polling}&j=0`, {}, 400, 'VALIDATION_FAILED'],
    ['another origin', polling, { headers: { origin: 'https://evil.example' } }, 403, 'ORIGIN_REFUSED'],
  ])('over HTTP: %s', async (_, path, init, status, code) => {
    const { url } = await startStubGateway();
    const answer = await fetch(`${url}${path}`, init);
    const body: unknown = await answer.json();
    expect([answer.status, answer.headers.get('content-type')]).toEqual([status, 'application/json; charset=utf-8']);
    expect(ErrorBody.strict().parse(body)).toMatchObject({ code, path: '/socket.io/', requestId: answer.headers.get('x-request-id') });
  });

  test('the client library, which is not served, with where to find it', async () => {
    const { url } = await startStubGateway();
    for (const file of ['socket.io.js', 'socket.io.esm.min.js?v=4', 'socket.io.js.map']) {
      const answer = await fetch(`${url}/socket.io/${file}`);
      expect(answer.status).toBe(404);
      expect(await answer.json()).toMatchObject({
        code: 'OPERATION_UNKNOWN',
        details: { see: '/docs/guides/build-a-client#in-a-page-without-a-bundler' },
      });
    }
  });

  test('of a session over HTTP: a method that it does not know', async () => {
    const { url } = await startStubGateway();
    const opened = await (await fetch(`${url}${polling}`)).text();
    const { sid } = JSON.parse(opened.slice(1)) as { sid: string };
    const answer = await fetch(`${url}${polling}&sid=${sid}`, { method: 'DELETE' });
    expect([answer.status, ErrorBody.strict().parse(await answer.json()).code]).toEqual([404, 'OPERATION_UNKNOWN']);
  });

  test('a body that does not come, with the end of its connection', async () => {
    const { port, url } = await startStubGateway({ bodyMs: 50 });
    const opened = await (await fetch(`${url}${polling}`)).text();
    const { sid } = JSON.parse(opened.slice(1)) as { sid: string };
    const answer = await exchange(port, `POST ${polling}&sid=${sid} HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n4`);
    const [head = '', body = ''] = answer.split('\r\n\r\n');
    expect(head).toContain('HTTP/1.1 503 ');
    expect(head).toContain('Retry-After: 1');
    expect(ErrorBody.strict().parse(JSON.parse(body)).code).toBe('TIMEOUT');
  });

  test.each([
    ['an unknown transport', '/socket.io/?EIO=4&transport=pigeon', '', '400 Bad Request', 'VALIDATION_FAILED'],
    ['an unknown session', '/socket.io/?EIO=4&transport=websocket&sid=none', '', '400 Bad Request', 'VALIDATION_FAILED'],
    ['another origin', '/socket.io/?EIO=4&transport=websocket', 'Origin: https://evil.example\r\n', '403 Forbidden', 'ORIGIN_REFUSED'],
  ])('of an upgrade: %s', async (_, path, headers, status, code) => {
    const { port } = await startStubGateway();
    const [head = '', body = ''] = (await upgrade(port, path, headers)).split('\r\n\r\n');
    expect(head).toContain(`HTTP/1.1 ${status}`);
    expect(ErrorBody.strict().parse(JSON.parse(body)).code).toBe(code);
  });
});
