import type { HealthCheck } from '@coucou/application/ports/health';
import { pages } from '@coucou/docs/pages';
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
    ['/docs', 'text/html; charset=utf-8', 'href="./docs/events"'],
    ['/docs/events', 'text/html; charset=utf-8', 'note:whisper'],
    ['/docs/api/', 'text/html; charset=utf-8', 'id="notes.ping"'],
    ['/docs/errors', 'text/html; charset=utf-8', 'id="USER_NOT_FOUND"'],
    ['/docs/guides/', 'text/html; charset=utf-8', 'href="../../docs/guides/build-a-client"'],
    ['/docs/guides/build-a-client', 'text/html; charset=utf-8', 'id="6-send"'],
    ['/docs/assets/style.css', 'text/css; charset=utf-8', '--accent'],
    ['/docs/assets/logo.svg', 'image/svg+xml', '<svg'],
    ['/docs/assets/reference.js', 'text/javascript; charset=utf-8', 'startSession'],
  ])('serves people %s', async (url, type, part) => {
    const answer = await app.inject({ url });
    expect([answer.statusCode, answer.headers['content-type']]).toEqual([200, type]);
    expect(answer.body).toContain(part);
    expect(answer.headers['content-security-policy']).toContain("script-src 'self'; style-src 'self'; ");
  });

  it('sends a page once to who keeps it', async () => {
    for (const url of ['/docs/api/', '/docs/guides/build-a-client', '/docs/assets/reference.js']) {
      const etag = String((await app.inject({ url })).headers.etag);
      const again = await app.inject({ url, headers: { 'if-none-match': `"other", W/${etag}` } });
      expect([again.statusCode, again.body, again.headers.etag, again.headers['cache-control']]).toEqual([304, '', etag, 'no-cache']);
      expect((await app.inject({ url, headers: { 'if-none-match': '"other"' } })).statusCode).toBe(200);
    }
  });

  it('has pages that load nothing from elsewhere', async () => {
    for (const url of ['/docs', '/docs/events', '/docs/api/', '/docs/errors', '/docs/guides/']) {
      const { body } = await app.inject({ url });
      expect(body).not.toMatch(/(src|href)="(https?:)?\/\//);
      expect(body).not.toMatch(/<script>|<script [^>]*>\s*[^<\s]|<style| style=| on[a-z]+="/);
    }
  });

  it('has every script that a page or another script asks for', async () => {
    const found = new Set<string>();
    const follow = async (url: string): Promise<void> => {
      if (found.has(url)) return;
      found.add(url);
      const answer = await app.inject({ url });
      expect([url, answer.statusCode]).toEqual([url, 200]);
      const next = [...answer.body.matchAll(/<script type="module" src="([^"]+)"|^import .* from '\.([^']+)'/gm)];
      for (const [, script, imported] of next) await follow(new URL(script ?? `.${imported}`, `http://server${url}`).pathname);
    };
    for (const url of ['/docs/events', '/docs/api/']) await follow(url);
    expect(found.size).toBe(7);
  });

  it('makes documents and pages when somebody asks for them', async () => {
    const asked: string[] = [];
    const documents = (name: string) => async () => {
      asked.push(name);
      throw new Error('not now');
    };
    const lazy = pages({
      documents: { openapi: documents('openapi'), asyncapi: documents('asyncapi') },
      operations: [],
      catalogue: [],
      version: '1.2.3',
      demo: false,
    });
    const { app: idle } = stubServer({ pages: [lazy] });
    await idle.ready();
    expect(asked).toEqual([]);
    for (const expected of [['openapi'], ['openapi', 'openapi']]) {
      // A failure is not kept.
      expect((await idle.inject({ url: '/docs/api/' })).statusCode).toBe(500);
      expect(asked).toEqual(expected);
    }
    await idle.close();
  });

  it('answers in the one shape for a missing page', async () => {
    for (const url of ['/docs/assets/nothing.js', '/docs/guides/nothing', '/docs/guides/..%2Fapi%2Fopenapi.json'])
      expect((await app.inject({ url })).json()).toMatchObject({ code: 'OPERATION_UNKNOWN' });
  });
});
