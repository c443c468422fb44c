import type { HealthCheck } from '@coucou/application/ports/health';
import { afterAll, describe, expect, it } from 'vitest';
import { stubServer } from './stub-server.ts';

const finding = (name: string, status: 'up' | 'degraded' | 'down', detail?: string): HealthCheck => ({
  name,
  check: async () => ({ status, ...(detail === undefined ? {} : { detail }) }),
});

const ready = async (health: readonly HealthCheck[]) => {
  const { app, lines } = stubServer({ health });
  const answer = await app.inject({ url: '/health/ready' });
  await app.close();
  return { status: answer.statusCode, retryAfter: answer.headers['retry-after'], body: answer.json(), lines };
};

describe('health', () => {
  it('is alive without asking anyone', async () => {
    const { app, lines } = stubServer({ health: [finding('database', 'down')] });
    const answer = await app.inject({ url: '/health/live' });
    expect([answer.statusCode, answer.json()]).toEqual([200, { status: 'up' }]);
    expect(lines.map(({ level }) => level)).toEqual(['debug']);
    await app.close();
  });

  it.each([
    [[], 200, 'up'],
    [['up', 'up'], 200, 'up'],
    [['up', 'degraded'], 200, 'degraded'],
    [['degraded', 'down', 'up'], 503, 'down'],
  ] as const)('with %j answers %i %s', async (findings, code, overall) => {
    const { status, retryAfter, body } = await ready(findings.map((state, at) => finding(`check${at}`, state)));
    expect([status, body.status, retryAfter]).toEqual([code, overall, code === 503 ? '1' : undefined]);
  });

  it('tells each check, the version and the uptime', async () => {
    const { body } = await ready([finding('redis', 'degraded', 'in process')]);
    expect(body).toEqual({
      status: 'degraded',
      checks: { redis: { status: 'degraded', detail: 'in process' } },
      version: '1.2.3',
      uptimeSeconds: expect.any(Number),
    });
  });

  it('keeps the reason of a failed check for the log', async () => {
    const failing: HealthCheck = { name: 'database', check: () => Promise.reject(new Error('password of db.internal refused')) };
    const { status, body, lines } = await ready([failing]);
    expect([status, body.checks]).toEqual([503, { database: { status: 'down', detail: 'failed; see the log' } }]);
    expect(lines[0]).toMatchObject({ level: 'warn', check: 'database', error: { message: 'password of db.internal refused' } });
  });
});

describe('the documents', () => {
  const { app } = stubServer();
  afterAll(() => app.close());

  it('gives the public keys, for five minutes', async () => {
    const answer = await app.inject({ url: '/.well-known/jwks.json' });
    expect([answer.json(), answer.headers['cache-control']]).toEqual([{ keys: [] }, 'public, max-age=300']);
  });

  it('serves the contract to machines', async () => {
    expect((await app.inject({ url: '/openapi.json' })).json()).toMatchObject({ openapi: '3.1.1', info: { version: '1.2.3' } });
    expect((await app.inject({ url: '/asyncapi.json' })).json()).toMatchObject({ asyncapi: '3.0.0', info: { version: '1.2.3' } });
  });

  it.each([
    ['/docs', 'text/html; charset=utf-8', 'href="/docs/events"'],
    ['/docs/events', 'text/html; charset=utf-8', 'note:whisper'],
    ['/docs/style.css', 'text/css; charset=utf-8', 'color-scheme'],
    ['/docs/api/', 'text/html; charset=utf-8', 'swagger-ui'],
    ['/docs/api/json', 'application/json; charset=utf-8', 'notes.ping'],
    ['/docs/api/static/swagger-ui-bundle.js', 'application/javascript; charset=utf-8', 'SwaggerUI'],
  ])('serves people %s', async (url, type, part) => {
    const answer = await app.inject({ url });
    expect([answer.statusCode, answer.headers['content-type']]).toEqual([200, type]);
    expect(answer.body).toContain(part);
    expect(answer.headers['content-security-policy']).toContain("script-src 'self'; ");
  });

  it('has pages that load nothing from elsewhere', async () => {
    for (const url of ['/docs', '/docs/events', '/docs/api/']) {
      const { body } = await app.inject({ url });
      expect(body).not.toMatch(/(src|href)="(https?:)?\/\//);
      expect(body).not.toMatch(/<script>|<script [^>]*>\s*[^<\s]/);
    }
  });

  it('answers in the one shape for a missing page', async () => {
    expect((await app.inject({ url: '/docs/api/static/nothing.js' })).json()).toMatchObject({ code: 'OPERATION_UNKNOWN' });
  });
});
