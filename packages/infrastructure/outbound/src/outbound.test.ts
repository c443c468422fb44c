import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Resolve } from './resolve.ts';
import { createAllowList } from './allow-list.ts';
import { createOutbound, isCallable, type OutboundOptions, type OutboundRequest } from './outbound.ts';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

const servers: Server[] = [];

/** A server on loopback that remembers what it was asked. */
async function serve(handler: Handler) {
  const seen: Readonly<{ method: string; url: string; headers: IncomingMessage['headers']; body: string }>[] = [];
  const server = createServer((request, response) => {
    const { method = '', url = '', headers } = request;
    void request.toArray().then((chunks: Buffer[]) => {
      seen.push({ method, url, headers, body: Buffer.concat(chunks).toString() });
      handler(request, response);
    });
  });
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { port, seen, url: (host: string, path = '/') => `http://${host}:${port}${path}` };
}

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  }
});

/** A resolver for which every name is this machine, whatever the name says. */
const loopback = async () => [{ address: '127.0.0.1', family: 4 }];
const outbound = (options: Partial<OutboundOptions> = {}) => createOutbound({ allow: ['own.internal'], resolve: loopback, ...options });
const ok: Handler = (_request, response) => response.end('ok');
const redirectTo =
  (location: string, status = 302): Handler =>
  (_request, response) =>
    response.writeHead(status, { location }).end();

const refused = expect.objectContaining({ name: 'OutboundError', reason: 'refused' });

describe('the outbound guard', () => {
  it('calls a host that the operator allows, and hands over the answer', async () => {
    const server = await serve((_request, response) =>
      response.writeHead(201, { 'content-type': 'text/plain', 'set-cookie': ['a=1', 'b=2'] }).end('hello'),
    );
    const response = await outbound()(server.url('own.internal', '/path?query'), { method: 'post', headers: { 'x-a': '1' }, body: 'text' });
    expect(response.status).toBe(201);
    expect(await response.text()).toBe('hello');
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
    expect(server.seen).toMatchObject([
      {
        method: 'POST',
        url: '/path?query',
        body: 'text',
        headers: { host: `own.internal:${server.port}`, 'x-a': '1', 'accept-encoding': 'identity' },
      },
    ]);
  });

  it('sends forms as forms', async () => {
    const server = await serve(ok);
    await outbound()(server.url('own.internal'), { method: 'POST', body: new URLSearchParams({ a: '1 2' }) });
    expect(server.seen).toMatchObject([{ body: 'a=1+2', headers: { 'content-type': expect.stringContaining('x-www-form-urlencoded') } }]);
  });

  it.each([
    'http://127.0.0.1',
    'http://localhost',
    'https://localhost',
    'https://2130706433',
    'https://0x7f000001',
    'https://0177.0.0.1',
    'https://127.1',
    'https://[::1]',
    'https://[::ffff:127.0.0.1]',
    'https://[64:ff9b::7f00:1]',
    'https://169.254.169.254',
    'https://a.example',
    'http://a.example',
    'https://own.internal.a.example',
    'ftp://own.internal',
    'file:///etc/passwd',
    'data:text/plain,hello',
    'https://user:password@own.internal',
    'not a URL',
  ])('refuses %s, and connects to nothing', async (address) => {
    const server = await serve(ok);
    const url = /^https?:/.test(address) ? `${address}:${server.port}/` : address;
    await expect(outbound()(url)).rejects.toEqual(refused);
    expect(server.seen).toEqual([]);
  });

  it('says nothing of a URL but its host', async () => {
    const call = outbound()('https://user:secret-1@a.example/secret-2?secret-3#secret-4');
    await expect(call).rejects.toThrow(/a\.example/);
    await expect(call).rejects.not.toThrow(/secret/);
  });

  it.each([
    ['a loopback address', ['127.0.0.1']],
    ['a private address beside a public one', ['1.1.1.1', '10.0.0.1']],
    ['a mapped address', ['::ffff:169.254.169.254']],
    ['an address behind NAT64', ['64:ff9b::a00:1']],
    ['no address', []],
    ['what is no address', ['localhost']],
  ])('refuses a name that has %s', async (_, addresses) => {
    const server = await serve(ok);
    const resolve = async () => addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
    await expect(outbound({ resolve })(`https://a.example:${server.port}/`)).rejects.toEqual(refused);
    expect(server.seen).toEqual([]);
  });

  it('connects to the address that it checked, and asks for it once', async () => {
    const server = await serve(ok);
    // Public when it is checked, and this machine when anybody asks again.
    const answers = ['198.41.0.4', '127.0.0.1'];
    const resolve = vi.fn<Resolve>(async () => [{ address: answers.shift() ?? '127.0.0.1', family: 4 }]);
    await expect(outbound({ resolve, timeoutMs: 500 })(`https://a.example:${server.port}/`)).rejects.toThrow(
      /cannot be reached|has not answered/,
    );
    expect(resolve).toHaveBeenCalledTimes(1);
    expect(server.seen).toEqual([]);
  });

  it('checks again at the next call', async () => {
    const server = await serve(ok);
    const answers = ['198.41.0.4', '127.0.0.1'];
    const call = outbound({ resolve: async () => [{ address: answers.shift() ?? '', family: 4 }], timeoutMs: 500 });
    await expect(call(`https://a.example:${server.port}/`)).rejects.not.toEqual(refused);
    await expect(call(`https://a.example:${server.port}/`)).rejects.toEqual(refused);
    expect(server.seen).toEqual([]);
  });

  it.each(['http://127.0.0.1', 'https://127.0.0.1', 'https://a.example', 'http://a.example', 'https://[::1]', 'gopher://own.internal'])(
    'follows no redirect to %s',
    async (target) => {
      const inner = await serve(ok);
      const server = await serve(redirectTo(`${target}:${inner.port}/`));
      await expect(outbound()(server.url('own.internal'))).rejects.toEqual(refused);
      expect([server.seen.length, inner.seen.length]).toEqual([1, 0]);
    },
  );

  it('follows redirects of a GET, without its credentials to another origin', async () => {
    const target = await serve(ok);
    const server = await serve(({ url }, response) =>
      redirectTo(url === '/' ? '/next' : target.url('own.internal', '/there'))(undefined as never, response),
    );
    const response = await outbound()(server.url('own.internal'), { headers: { authorization: 'Bearer a', cookie: 'a=1', 'x-a': '1' } });
    expect(await response.text()).toBe('ok');
    expect(server.seen.map(({ url, headers }) => [url, headers.authorization])).toEqual([
      ['/', 'Bearer a'],
      ['/next', 'Bearer a'],
    ]);
    expect(target.seen).toMatchObject([{ url: '/there', headers: { 'x-a': '1' } }]);
    expect(target.seen[0]?.headers).not.toHaveProperty('authorization');
    expect(target.seen[0]?.headers).not.toHaveProperty('cookie');
  });

  it.each<[string, OutboundRequest]>([
    ['when asked not to follow', { redirect: 'manual' }],
    ['of another method than GET or HEAD', { method: 'POST', body: 'a secret' }],
  ])('answers a redirect %s', async (_, request) => {
    const server = await serve(redirectTo('/next', 307));
    const response = await outbound()(server.url('own.internal'), request);
    expect([response.status, response.headers.get('location')]).toEqual([307, '/next']);
    expect(server.seen).toHaveLength(1);
  });

  it('follows a few redirects, not a circle', async () => {
    const server = await serve(redirectTo('/'));
    await expect(outbound({ maxRedirects: 2 })(server.url('own.internal'))).rejects.toMatchObject({ reason: 'too_many_redirects' });
    expect(server.seen).toHaveLength(3);
  });

  it.each<[string, Handler]>([
    ['that says so', (_request, response) => response.writeHead(200, { 'content-length': '2000000' }).write('a')],
    ['that does not', (_request, response) => response.end(Buffer.alloc(2_000_000))],
    [
      'that never ends',
      (_request, response) => {
        const more = (): void => void (response.destroyed || response.write(Buffer.alloc(65_536), more));
        more();
      },
    ],
  ])('reads no large answer %s', async (_, handler) => {
    const server = await serve(handler);
    await expect(outbound({ maxBytes: 100_000 })(server.url('own.internal'))).rejects.toMatchObject({ reason: 'too_large' });
  });

  it('reads an answer of the most bytes', async () => {
    const server = await serve((_request, response) => response.end(Buffer.alloc(1_000)));
    expect((await (await outbound({ maxBytes: 1_000 })(server.url('own.internal'))).arrayBuffer()).byteLength).toBe(1_000);
  });

  it('reads no coded answer, which could become large', async () => {
    const server = await serve((_request, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end('a'));
    await expect(outbound()(server.url('own.internal'))).rejects.toMatchObject({ reason: 'not_http' });
  });

  it.each<[string, Handler]>([
    ['never', () => {}],
    ['never in full', (_request, response) => response.writeHead(200).write('a')],
    ['with redirects for ever', (_request, response) => void setTimeout(() => redirectTo('/')(_request, response), 80)],
  ])('waits for its time in all when an answer comes %s', async (_, handler) => {
    const server = await serve(handler);
    const call = outbound({ timeoutMs: 200, maxRedirects: 1_000 })(server.url('own.internal'));
    await expect(call).rejects.toMatchObject({ reason: 'timeout' });
  });

  it('waits no longer for a name than for an answer', async () => {
    const call = outbound({ timeoutMs: 50, resolve: () => new Promise(() => {}) })('https://a.example/');
    await expect(call).rejects.toMatchObject({ reason: 'timeout' });
  });

  it("ends with the caller's own reason", async () => {
    const server = await serve(() => {});
    const reason = new Error('no longer needed');
    await expect(outbound()(server.url('own.internal'), { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  it.each<[string, Handler]>([
    ['is cut short', (_request, response) => void response.writeHead(200, { 'content-length': '10' }).write('a', () => response.destroy())],
    ['is no HTTP', (request) => void request.socket.end('SSH-2.0-OpenSSH\r\n')],
    ['does not come', (request) => void request.socket.destroy()],
  ])('says that a host cannot be reached when its answer %s', async (_, handler) => {
    const server = await serve(handler);
    await expect(outbound()(server.url('own.internal'))).rejects.toMatchObject({ reason: 'unreachable' });
  });

  it('says that a host cannot be reached when it has no name, or nothing listens', async () => {
    const unknown = Object.assign(new Error('no such name'), { code: 'ENOTFOUND' });
    await expect(outbound({ resolve: () => Promise.reject(unknown) })('https://a.example/')).rejects.toMatchObject({
      reason: 'unreachable',
      cause: unknown,
    });
    await expect(outbound()('http://own.internal:1/')).rejects.toMatchObject({ reason: 'unreachable' });
  });

  it('speaks TLS where the URL says so', async () => {
    const server = await serve(ok);
    await expect(outbound()(`https://own.internal:${server.port}/`)).rejects.toMatchObject({ reason: 'unreachable' });
    expect(server.seen).toEqual([]);
  });
});

describe('whether an address can be called', () => {
  it.each([
    ['https://a.example/path', true],
    ['http://own.internal:8080/', true],
    ['http://a.example/', false],
    ['https://127.0.0.1/', false],
    ['https://[::1]/', false],
    ['https://user:password@a.example/', false],
    ['ftp://a.example/', false],
    ['nothing', false],
  ])('%s: %s', (address, callable) => {
    expect(isCallable(address, createAllowList(['own.internal']))).toBe(callable);
  });
});
