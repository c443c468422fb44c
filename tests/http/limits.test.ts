import { createCallLimits } from '@coucou/application/kernel/call-limits';
import { metrics as catalogue } from '@coucou/application/metrics/catalogue';
import type { TrafficRule } from '@coucou/application/ports/traffic-limiter';
import { createMetrics } from '@coucou/observability/metrics';
import { createTrafficLimiter } from '@coucou/runtime/traffic-limiter';
import { describe, expect, it } from 'vitest';
import { stubServer } from './stub-server.ts';

/** Two requests of each caller, of a server whose clock stands still. */
function open(rates: TrafficRule['rates'] = [{ limit: 2, windowSeconds: 60 }]) {
  const metrics = createMetrics();
  const none = async () => undefined;
  const rules = {
    rest: { name: 'rest', rates },
    files: undefined,
    socketEvents: undefined,
    userMessages: undefined,
    conversationMessages: undefined,
    connections: undefined,
    handshakes: undefined,
    unauthenticated: undefined,
  };
  const limits = createCallLimits({
    limiter: createTrafficLimiter({ now: () => 0 }),
    rules,
    accountRules: { of: () => rules },
    snapshots: { get: none, reload: none },
    metrics,
  });
  const { app } = stubServer({ limits, trustProxy: ['127.0.0.1'] });
  const call = (headers: Record<string, string> = {}, url = '/api/v1/ping') => app.inject({ method: 'POST', url, headers });
  return { call, app, refusals: () => metrics.counter(catalogue.limitsRefused, { policy: 'rest' }).value };
}
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

describe('the limit of requests', () => {
  it('stands in every answer, and refuses with the time to wait', async () => {
    const { call, refusals } = open();
    for (const left of [1, 0]) {
      const { statusCode, headers } = await call(bearer('alice'));
      expect(statusCode).toBe(200);
      expect(headers).toMatchObject({ 'ratelimit-policy': '"rest";q=2;w=60', ratelimit: `"rest";r=${left};t=30` });
      expect(headers).not.toHaveProperty('retry-after');
    }
    const refused = await call(bearer('alice'));
    expect(refused.statusCode).toBe(429);
    expect(refused.headers).toMatchObject({ 'retry-after': '30', 'ratelimit-policy': '"rest";q=2;w=60', ratelimit: '"rest";r=0;t=30' });
    expect(refused.json()).toMatchObject({
      code: 'RATE_LIMITED',
      details: { policy: 'rest', limit: 2, window: 60, retryAfterSeconds: 30 },
    });
    expect(refusals()).toBe(1);
  });

  it('names each rate of a rule, and tells of the one that is nearest to its end', async () => {
    const { call } = open([
      { limit: 100, windowSeconds: 60 },
      { limit: 3, windowSeconds: 1 },
    ]);
    expect((await call(bearer('alice'))).headers).toMatchObject({
      'ratelimit-policy': '"rest-60";q=100;w=60, "rest-1";q=3;w=1',
      ratelimit: '"rest-1";r=2;t=1',
    });
  });

  it('counts people wherever they are, and strangers by their network', async () => {
    const { call } = open();
    const statusOf = async (...args: Parameters<typeof call>) => (await call(...args)).statusCode;
    const from = (address: string) => ({ 'x-forwarded-for': address });
    for (const expected of [200, 200, 429]) expect(await statusOf({ ...bearer('alice'), ...from('192.0.2.1') })).toBe(expected);
    expect(await statusOf({ ...bearer('alice'), ...from('192.0.2.2') })).toBe(429);
    for (const expected of [200, 200, 429]) expect(await statusOf(from('192.0.2.1'))).toBe(expected);
    expect(await statusOf(from('192.0.2.2'))).toBe(200);
    for (const [address, expected] of [
      ['::1', 200],
      ['::2', 200],
      [':ffff::3', 429],
    ] as const)
      expect(await statusOf(from(`2001:db8:1:2${address}`))).toBe(expected);
    expect(await statusOf(from('2001:db8:1:3::1'))).toBe(200);
    // Whatever account a stranger names, and whether it exists.
    for (const key of ['acme', 'nobody']) expect(await statusOf({ ...from('192.0.2.1'), 'x-client-key': key })).toBe(429);
  });

  it('counts tokens and client keys that nobody knows, by network', async () => {
    const { call } = open();
    for (const expected of [401, 401, 429]) expect((await call(bearer('wrong'))).statusCode).toBe(expected);
    expect((await call({ 'x-client-key': 'wrong' })).statusCode).toBe(429);
    expect((await call(bearer('alice'))).statusCode).toBe(200);
  });

  it('counts a request whose body is wrong, and reads no body of one that is refused', async () => {
    const { app } = open();
    const put = async () =>
      (
        await app.inject({
          method: 'PUT',
          url: '/api/v1/notes/1',
          headers: { ...bearer('alice'), 'content-type': 'application/json' },
          payload: '{',
        })
      ).statusCode;
    expect([await put(), await put(), await put()]).toEqual([400, 400, 429]);
  });

  it('is not for what is no operation', async () => {
    const { app } = open();
    for (let at = 0; at < 5; at += 1) {
      const { statusCode, headers } = await app.inject('/health/live');
      expect(statusCode).toBe(200);
      expect(headers).not.toHaveProperty('ratelimit');
    }
  });
});

it('tells of other limits too when they refuse', async () => {
  const { call } = open([{ limit: 10, windowSeconds: 60 }]);
  const { headers } = await call({}, '/api/v1/hurry');
  expect(headers).toMatchObject({
    'retry-after': '42',
    'ratelimit-policy': '"rest";q=10;w=60, "tries";q=3;w=60',
    ratelimit: '"rest";r=9;t=6, "tries";r=0;t=42',
  });
});
