import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { request } from 'node:https';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findHaproxy, type Haproxy, startHaproxy } from '../support/haproxy.ts';
import { findBinary, privateDirectory } from '../support/machine.ts';
import { until } from '../support/until.ts';

const binaries = findHaproxy();
const openssl = findBinary('openssl', ['/usr/bin', '/opt/homebrew/bin']);
if (binaries === undefined || openssl === undefined)
  console.log('NOT RUN: the proxy of docker-compose.yml (Debian: apt-get install haproxy openssl)');

/** What the proxy does apart from balancing, which tests/nodes/haproxy.test.ts shows on real nodes. */
describe.runIf(binaries !== undefined && openssl !== undefined)('deploy/haproxy/haproxy.cfg', () => {
  let directory: string;
  let node: Server;
  let other: Server;
  let store: Server;
  let proxy: Haproxy;
  let isReady = true;
  beforeAll(async () => {
    directory = await privateDirectory('proxy');
    const file = (name: string) => path.join(directory, name);
    execFileSync(
      'openssl',
      ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj', '/CN=localhost'].concat([
        '-addext',
        'subjectAltName=DNS:localhost',
        '-keyout',
        file('key.pem'),
        '-out',
        file('certificate.pem'),
      ]),
      { stdio: 'pipe' },
    );
    const pem = await Promise.all(['certificate.pem', 'key.pem'].map((name) => readFile(file(name), 'utf8')));
    await writeFile(file('both.pem'), pem.join(''));
    node = await listen((url, headers) => ({ status: url === '/health/ready' && !isReady ? 503 : 200, body: { node: 1, headers } }));
    other = await listen((_, headers) => ({ status: 200, body: { node: 2, headers } }));
    store = await listen((url, headers) => ({ status: 200, body: { store: url, headers } }));
    proxy = await startHaproxy({
      binaries: binaries ?? '',
      nodes: [urlOf(node), urlOf(other)],
      isSticky: true,
      env: { TLS_CERTIFICATE: file('both.pem'), FILES_HOST: 'files.example.com' },
      store: new URL(urlOf(store)).host,
    });
  });
  afterAll(async () => {
    await proxy?.stop();
    for (const server of [node, other, store]) server?.close();
    await rm(directory, { recursive: true });
  });

  type Answer = Readonly<{ status: number; headers: Record<string, string | string[] | undefined>; body: string }>;
  async function get(target: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
    const ca = await readFile(path.join(directory, 'certificate.pem'));
    const asked = request(`https://localhost:${proxy.tlsPort}${target}`, { headers, method, ca, servername: 'localhost' }).end();
    const [answer] = await once(asked, 'response');
    let body = '';
    for await (const chunk of answer) body += String(chunk);
    return { status: answer.statusCode, headers: answer.headers, body };
  }
  const json = ({ body }: Answer) => JSON.parse(body);

  it('redirects to TLS where it has a certificate, and says so to browsers and nodes', async () => {
    const plain = await fetch(`${proxy.url}/api/v1/me`, { redirect: 'manual' });
    expect([plain.status, plain.headers.get('location')]).toEqual([308, expect.stringMatching(/^https:.*\/api\/v1\/me$/)]);
    const answer = await get('/');
    expect(answer.headers['strict-transport-security']).toBe('max-age=31536000');
    expect(json(answer).headers).toMatchObject({
      'x-forwarded-proto': 'https',
      'x-forwarded-for': expect.stringMatching(/^(127\.0\.0\.1|::1)$/),
    });
  });

  it('adds the address of the client last, behind what the client says of itself', async () => {
    const { headers } = json(await get('/', { 'X-Forwarded-For': '192.0.2.1' }));
    expect(headers['x-forwarded-for']).toMatch(/^192\.0\.2\.1, ?127\.0\.0\.1$/);
  });

  it('keeps who polls at one node by a cookie, and nobody else', async () => {
    const first = await get('/socket.io/?EIO=4&transport=polling');
    const [cookie = ''] = first.headers['set-cookie'] ?? [];
    expect(cookie).toMatch(/^node=\w+; path=\/; HttpOnly$/);
    const nodes = new Set<number>([json(first).node]);
    for (let time = 0; time < 4; time += 1)
      nodes.add(json(await get('/socket.io/?EIO=4&transport=polling&sid=x', { cookie: cookie.split(';')[0] ?? '' })).node);
    expect(nodes.size).toBe(1);
    const calls = await Promise.all(Array.from({ length: 4 }, () => get('/api/v1/conversations')));
    expect(new Set(calls.map((answer) => json(answer).node)).size).toBe(2);
    expect(calls.flatMap(({ headers }) => headers['set-cookie'] ?? [])).toEqual([]);
  });

  it('sends the host of files to the store, signature and all, and lets pages of any origin use it', async () => {
    const answer = await get('/attachments/a?X-Amz-Signature=abc', { host: 'files.example.com:3443' });
    expect(json(answer)).toMatchObject({ store: '/attachments/a?X-Amz-Signature=abc', headers: { host: 'files.example.com:3443' } });
    expect(answer.headers['access-control-allow-origin']).toBe('*');
    const asked = await get('/attachments', { host: 'files.example.com', origin: 'https://app.example.com' }, 'OPTIONS');
    expect([asked.status, asked.headers['access-control-allow-methods']]).toEqual([204, 'GET, HEAD, PUT, POST']);
  });

  it('logs neither queries nor the signed part of a path', async () => {
    await get('/api/v1/files/signed-path?token=in-query');
    await until(() => proxy.lines.some((line) => line.includes('GET /api/v1/files')), { what: 'the line of the request' });
    expect(proxy.lines.filter((line) => /signed-path|in-query|X-Amz-Signature/.test(line))).toEqual([]);
  });

  it('takes out a node that drains, and has it back once it is ready', async () => {
    const nodes = async () => new Set(await Promise.all(Array.from({ length: 4 }, async () => json(await get('/api')).node as number)));
    isReady = false;
    await until(async () => !(await nodes()).has(1), { what: 'the node to be out' });
    expect(await nodes()).toEqual(new Set([2]));
    isReady = true;
    await until(async () => (await nodes()).has(1), { what: 'the node to be back' });
  });

  it('counts for Prometheus', async () => {
    const metrics = await (await fetch(proxy.metricsUrl)).text();
    expect(metrics).toMatch(/^haproxy_server_status\{proxy="nodes",server="node-2",state="UP"\} 1$/m);
    expect((await fetch(proxy.metricsUrl.replace('/metrics', '/'))).status).toBe(404);
  });
});

type Reply = Readonly<{ status: number; body: object }>;

/** A server that says what it was asked. */
async function listen(reply: (url: string, headers: object) => Reply): Promise<Server> {
  const server = createServer(({ url = '', headers }, response) => {
    const { status, body } = reply(url, headers);
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return server;
}

function urlOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
