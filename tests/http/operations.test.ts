import { afterAll, describe, expect, it } from 'vitest';
import { as, stubServer } from './stub-server.ts';

const { app, lines } = stubServer();
afterAll(() => app.close());

const json = { 'content-type': 'application/json' };

describe('an operation over HTTP', () => {
  it('gets the path and the query, read by its schema', async () => {
    const answer = await app.inject({ url: '/api/v1/notes/7?limit=5&tags=a&tags=b', headers: as('alice') });

    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toMatchObject({
      input: { noteId: '7', limit: 5, tags: ['a', 'b'] },
      account: 'account-default',
      userId: 'alice',
    });
    expect(answer.headers).toMatchObject({ 'cache-control': 'no-store', 'content-type': 'application/json; charset=utf-8' });
  });

  it('gets the path and the body, and tells what it made from what was there', async () => {
    const put = (payload: object) => app.inject({ method: 'PUT', url: '/api/v1/notes/7', headers: as('bob'), payload });

    expect((await put({ text: 'hi' })).statusCode).toBe(201);
    expect((await put({ again: true })).statusCode).toBe(200);
    expect((await put({ text: 'hi' })).json()).toMatchObject({ input: { noteId: '7', text: 'hi' }, account: 'account-acme' });
  });

  it('answers 204 with nothing where it answers nothing', async () => {
    const answer = await app.inject({ method: 'DELETE', url: '/api/v1/notes/7', headers: { ...as('alice'), ...json } });
    expect([answer.statusCode, answer.body]).toEqual([204, '']);
  });

  it.each([[undefined], ['']])('takes no body for an empty one (%j)', async (payload) => {
    const answer = await app.inject({ method: 'POST', url: '/api/v1/ping', headers: json, ...(payload === undefined ? {} : { payload }) });
    expect([answer.statusCode, answer.json().input]).toEqual([200, {}]);
  });

  it('answers HEAD like GET, without the body', async () => {
    const answer = await app.inject({ method: 'HEAD', url: '/api/v1/notes/7', headers: as('alice') });
    expect([answer.statusCode, answer.body]).toEqual([200, '']);
  });

  it('of administration is for owners and admins', async () => {
    const administer = (headers: Record<string, string>) =>
      app.inject({ method: 'POST', url: '/api/v1/admin/notes', headers: { ...headers, ...json }, payload: '{}' });
    expect((await administer(as('alice'))).statusCode).toBe(200);
    expect((await administer(as('bob'))).json()).toMatchObject({ code: 'FORBIDDEN' });
    expect((await administer(as('expired'))).json()).toMatchObject({ code: 'TOKEN_EXPIRED' });
    expect((await administer({})).json()).toMatchObject({ code: 'UNAUTHENTICATED' });
  });

  it('is not there when only sockets carry it', async () => {
    expect((await app.inject({ method: 'POST', url: '/api/v1/whisper' })).statusCode).toBe(404);
  });
});

describe('the caller', () => {
  const ping = (headers: Record<string, string>) => app.inject({ method: 'POST', url: '/api/v1/ping', headers });

  it.each([
    ['no key', {}, 200, { account: 'account-default' }],
    ['a key', { 'x-client-key': 'acme' }, 200, { account: 'account-acme' }],
    ['an unknown key', { 'x-client-key': 'nobody' }, 401, { code: 'UNAUTHENTICATED', details: { header: 'X-Client-Key' } }],
    ['a token', as('bob'), 200, { account: 'account-acme', userId: 'bob' }],
    ['a token and its key', { ...as('bob'), 'x-client-key': 'acme' }, 200, { account: 'account-acme' }],
    ['a token and another key', { ...as('bob'), 'x-client-key': 'default' }, 403, { code: 'FORBIDDEN' }],
    ['a token and an unknown key', { ...as('bob'), 'x-client-key': 'nobody' }, 403, { code: 'FORBIDDEN' }],
    ['a wrong token', as('mallory'), 401, { code: 'UNAUTHENTICATED' }],
    ['an expired token', as('expired'), 401, { code: 'TOKEN_EXPIRED' }],
    ['another scheme', { authorization: 'Basic YWxpY2U6' }, 401, { code: 'UNAUTHENTICATED' }],
    ['an empty header', { authorization: '' }, 401, { code: 'UNAUTHENTICATED' }],
  ])('with %s', async (_, headers, status, body) => {
    const answer = await ping(headers);
    expect(answer.statusCode).toBe(status);
    expect(answer.json()).toMatchObject(body);
    expect(answer.headers['www-authenticate']).toBe(status === 401 ? 'Bearer' : undefined);
  });

  it('gets new tokens with an expired one in the header, but not with a wrong one', async () => {
    const renew = (headers: Record<string, string>) => app.inject({ method: 'POST', url: '/api/v1/renew', headers });
    const anonymous = (await renew(as('expired'))).json();
    expect(anonymous).toMatchObject({ account: 'account-default' });
    expect(Object.keys(anonymous)).not.toContain('namedAccount');
    expect((await renew({ ...as('expired'), 'x-client-key': 'acme' })).json()).toMatchObject({ namedAccount: 'account-acme' });
    expect((await renew(as('mallory'))).statusCode).toBe(401);
  });

  it.each([
    ['nothing', {}, undefined],
    ['a key', { 'x-client-key': 'acme' }, 'account-acme'],
    ['a token', as('bob'), 'account-acme'],
  ])('names an account by %s or not at all', async (_, headers, named) => {
    expect((await ping(headers)).json().namedAccount).toBe(named);
  });

  it('is asked for a token before the body is read', async () => {
    const answer = await app.inject({ method: 'PUT', url: '/api/v1/notes/7', headers: json, payload: '{{{' });
    expect([answer.statusCode, answer.json().code]).toEqual([401, 'UNAUTHENTICATED']);
  });

  it('is known by address and client, as far as proxies are trusted', async () => {
    const headers = { 'x-forwarded-for': '203.0.113.7', 'user-agent': 'u'.repeat(600) };
    expect((await ping(headers)).json()).toMatchObject({ ip: '127.0.0.1', userAgent: 'u'.repeat(512) });

    const behind = stubServer({ trustProxy: ['127.0.0.0/8'] }).app;
    expect((await behind.inject({ method: 'POST', url: '/api/v1/ping', headers })).json()).toMatchObject({ ip: '203.0.113.7' });
    for (const [said, ip] of [
      ['203.0.113.7:50123', '203.0.113.7'],
      ['[2001:db8::7]:50123', '2001:db8::7'],
    ]) {
      const forwarded = { method: 'POST', url: '/api/v1/ping', headers: { 'x-forwarded-for': said } } as const;
      expect((await behind.inject(forwarded)).json()).toMatchObject({ ip });
    }
    const mapped = { method: 'POST', url: '/api/v1/ping', remoteAddress: '::ffff:198.51.100.9' } as const;
    expect((await app.inject(mapped)).json()).toMatchObject({ ip: '198.51.100.9' });
    await behind.close();
  });
});

describe('the log', () => {
  it('has one line per request, of the pattern and not of what was in it', async () => {
    lines.length = 0;
    await app.inject({ url: '/api/v1/notes/secret-id?limit=5&tags=secret-tag', headers: as('alice') });
    await app.inject({ method: 'PUT', url: '/api/v1/notes/secret-id', headers: as('mallory-secret'), payload: { text: 'secret-text' } });
    await app.inject({ url: '/nowhere/secret-path' });

    expect(lines.map(({ message, method, route, status, userId, ip }) => [message, method, route, status, userId, ip])).toEqual([
      ['request', 'GET', '/api/v1/notes/:noteId', 200, 'alice', '127.0.0.1'],
      ['request', 'PUT', '/api/v1/notes/:noteId', 401, undefined, '127.0.0.1'],
      ['request', 'GET', 'unknown', 404, undefined, '127.0.0.1'],
    ]);
    expect(lines[0]).toMatchObject({ accountId: expect.any(String), sessionId: expect.any(String) });
    expect(lines[0]).toMatchObject({ level: 'info', requestId: expect.stringMatching(/^id-\d+$/), durationMs: expect.any(Number) });
    expect(JSON.stringify(lines)).not.toContain('secret');
  });
});
