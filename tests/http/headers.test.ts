import { createOriginPolicy } from '@coucou/security/origins';
import { afterAll, describe, expect, it } from 'vitest';
import { stubServer } from './stub-server.ts';

const allowed = 'https://app.example.com';
const { app } = stubServer({ origins: createOriginPolicy([allowed]) });
const embedded = stubServer({ production: false }).app;
afterAll(() => Promise.all([app.close(), embedded.close()]));

describe('every answer', () => {
  it.each(['/health/live', '/api/v1/nowhere', '/openapi.json'])('forbids a browser to make a page of it: %s', async (url) => {
    const { headers } = await app.inject({ url });
    expect(headers).toMatchObject({
      'content-security-policy': "default-src 'none';base-uri 'none';form-action 'none';frame-ancestors 'none'",
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'SAMEORIGIN',
      'referrer-policy': 'no-referrer',
      'strict-transport-security': 'max-age=31536000',
    });
    expect(headers).not.toHaveProperty('x-powered-by');
  });

  it('promises TLS in production only', async () => {
    expect((await embedded.inject({ url: '/health/live' })).headers).not.toHaveProperty('strict-transport-security');
  });
});

describe('a page of another origin', () => {
  const post = (origin: string, server = app) => server.inject({ method: 'POST', url: '/api/v1/ping', headers: { origin } });

  it('may do what the list allows, and see the answer', async () => {
    const { statusCode, headers } = await post(allowed);
    expect(statusCode).toBe(200);
    expect(headers).toMatchObject({ 'access-control-allow-origin': allowed, vary: 'Origin' });
    expect(headers['access-control-expose-headers']).toContain('X-Request-Id');
  });

  it.each(['https://evil.example', 'null', 'http://localhost:5173'])('is refused otherwise: %s', async (origin) => {
    const answer = await post(origin);
    expect([answer.statusCode, answer.json().code]).toEqual([403, 'ORIGIN_REFUSED']);
    expect(answer.headers).not.toHaveProperty('access-control-allow-origin');
  });

  it('may be of this machine or this server when embedded', async () => {
    expect((await post('http://localhost:5173', embedded)).statusCode).toBe(200);
    expect((await post('http://localhost:80', embedded)).statusCode).toBe(200);
    expect((await post('https://evil.example', embedded)).statusCode).toBe(403);
  });

  it('does not see what it reads uninvited', async () => {
    const answer = await app.inject({ url: '/health/live', headers: { origin: 'https://evil.example' } });
    expect(answer.statusCode).toBe(200);
    expect(answer.headers).not.toHaveProperty('access-control-allow-origin');
  });

  it('asks first, and is told', async () => {
    const preflight = (origin: string) =>
      app.inject({
        method: 'OPTIONS',
        url: '/api/v1/ping',
        headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization' },
      });

    const granted = await preflight(allowed);
    expect(granted.statusCode).toBe(204);
    expect(granted.headers).toMatchObject({
      'access-control-allow-origin': allowed,
      'access-control-allow-methods': expect.stringContaining('PATCH'),
      'access-control-allow-headers': 'authorization',
      'access-control-max-age': '600',
    });
    expect((await preflight('https://evil.example')).statusCode).toBe(403);
  });

  it('is not needed to ask for options', async () => {
    const answer = await app.inject({ method: 'OPTIONS', url: '/api/v1/ping' });
    expect(answer.statusCode).toBe(204);
    expect(answer.headers).not.toHaveProperty('access-control-allow-origin');
  });
});
