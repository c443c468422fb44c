import { ErrorBody } from '@coucou/contracts/kernel/error';
import { afterAll, describe, expect, it } from 'vitest';
import { as, stubServer } from './stub-server.ts';

const { app, lines } = stubServer();
afterAll(() => app.close());

const json = { 'content-type': 'application/json' };
const put = (payload: string | Buffer, headers: Record<string, string> = json) =>
  app.inject({ method: 'PUT', url: '/api/v1/notes/7', headers: { ...as('alice'), ...headers }, payload });

describe('a request that cannot be taken', () => {
  it.each([
    ['no JSON', () => put('{"text":'), 400, 'MALFORMED_JSON'],
    ['another encoding', () => put(Buffer.from('{"text":"é"}', 'latin1')), 400, 'MALFORMED_JSON'],
    ['another type', () => put('text=hi', { 'content-type': 'application/x-www-form-urlencoded' }), 415, 'UNSUPPORTED_MEDIA_TYPE'],
    ['plain text', () => put('hi', { 'content-type': 'text/plain' }), 415, 'UNSUPPORTED_MEDIA_TYPE'],
    ['a broken type', () => put('{}', { 'content-type': '??' }), 415, 'UNSUPPORTED_MEDIA_TYPE'],
    ['a body without a type', () => put('{}', { 'content-type': '' }), 415, 'UNSUPPORTED_MEDIA_TYPE'],
    ['more than 64 KiB', () => put(JSON.stringify({ text: 'x'.repeat(65_536) })), 413, 'PAYLOAD_TOO_LARGE'],
    ['__proto__', () => put('{"__proto__":{"admin":true}}'), 400, 'VALIDATION_FAILED'],
    ['constructor', () => put('{"constructor":{"prototype":{"admin":true}}}'), 400, 'VALIDATION_FAILED'],
    ['a list', () => put('[]'), 400, 'VALIDATION_FAILED'],
    ['an unknown key', () => put('{"role":"admin"}'), 400, 'VALIDATION_FAILED'],
    ['a key of the path', () => put('{"noteId":"8"}'), 400, 'VALIDATION_FAILED'],
    ['a wrong query', () => app.inject({ url: '/api/v1/notes/7?limit=many', headers: as('alice') }), 400, 'VALIDATION_FAILED'],
    ['a hostile query', () => app.inject({ url: '/api/v1/notes/7?__proto__=1', headers: as('alice') }), 400, 'VALIDATION_FAILED'],
    ['a broken escape', () => app.inject({ url: '/api/v1/notes/%E0%A4%A', headers: as('alice') }), 400, 'VALIDATION_FAILED'],
    ['an endless id', () => app.inject({ url: `/api/v1/notes/${'x'.repeat(600)}`, headers: as('alice') }), 400, 'VALIDATION_FAILED'],
    ['an unknown path', () => app.inject({ url: '/api/v1/nowhere' }), 404, 'OPERATION_UNKNOWN'],
    ['an unknown path with a body', () => app.inject({ method: 'POST', url: '/nowhere', payload: 'x' }), 404, 'OPERATION_UNKNOWN'],
    ['a wrong method', () => app.inject({ method: 'PATCH', url: '/api/v1/notes/7' }), 404, 'OPERATION_UNKNOWN'],
    ['a strange method', () => app.inject({ method: 'TRACE' as 'GET', url: '/api/v1/notes/7' }), 404, 'OPERATION_UNKNOWN'],
  ])('for %s', async (_, send, status, code) => {
    const answer = await send();
    expect([answer.statusCode, answer.json().code]).toEqual([status, code]);
    expect(ErrorBody.strict().safeParse(answer.json()).error).toBeUndefined();
    expect(answer.headers).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'x-request-id': answer.json().requestId,
    });
  });

  it.each([
    [
      'what was asked, and where the operations are listed',
      () => app.inject({ method: 'PATCH', url: '/api/v1/notes/7' }),
      { method: 'PATCH', see: '/docs' },
    ],
    ['how much may be sent', () => put(JSON.stringify({ text: 'x'.repeat(65_536) })), { limit: 65_536 }],
  ])('is told %s', async (_, send, details) => {
    expect((await send()).json().details).toEqual(details);
  });

  it('is told its path without the query', async () => {
    expect((await app.inject({ url: '/api/v1/notes/7?token=secret' })).json().path).toBe('/api/v1/notes/7');
  });
});

describe('a fault of the server', () => {
  it('is told to the log and not to the client', async () => {
    lines.length = 0;
    const answer = await app.inject({ method: 'POST', url: '/api/v1/fail' });

    expect([answer.statusCode, answer.json()]).toMatchObject([500, { code: 'INTERNAL', details: {}, docs: '/docs/errors#INTERNAL' }]);
    expect(answer.body).not.toMatch(/database|secret-cause|alice/);
    expect(lines[0]).toMatchObject({
      level: 'error',
      requestId: answer.json().requestId,
      error: { message: 'the database says no', stack: expect.any(String), cause: { message: 'secret-cause' } },
    });
    expect(JSON.stringify(lines)).not.toContain('alice@example.com');
  });

  it('says when to come back if it passes', async () => {
    const answer = await app.inject({ method: 'POST', url: '/api/v1/overload' });
    expect([answer.statusCode, answer.json().code, answer.headers['retry-after']]).toEqual([503, 'OVERLOADED', '1']);
    expect(answer.json().details).toEqual({ retryAfterSeconds: 1 });
  });

  it('says of a limit when it is open again, in the header as in the body', async () => {
    const answer = await app.inject({ method: 'POST', url: '/api/v1/hurry' });
    expect([answer.statusCode, answer.json().code, answer.headers['retry-after']]).toEqual([429, 'RATE_LIMITED', '42']);
    expect(answer.json().details).toEqual({ limit: 3, window: 60, retryAfterSeconds: 42 });
  });
});

describe('the id of a request', () => {
  it.each([
    ['chosen-by_the-Proxy1', true],
    ['x'.repeat(64), true],
    ['x'.repeat(65), false],
    ['with space', false],
    ['', false],
  ])('%j is taken from the client: %s', async (given, taken) => {
    const answer = await app.inject({ url: '/health/live', headers: { 'x-request-id': given } });
    const id = String(answer.headers['x-request-id']);
    expect([id === given, /^id-\d+$/.test(id)]).toEqual([taken, !taken]);
  });
});
