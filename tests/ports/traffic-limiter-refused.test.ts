import { noMetrics } from '@coucou/application/metrics/no-metrics';
import { RedisUnavailableError } from '@coucou/redis/client';
import { createNames } from '@coucou/redis/names';
import { createRedisTrafficLimiter } from '@coucou/redis/traffic-limiter';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { allowedOf } from './traffic-limiter.suite.ts';

/** The refusals of a Redis out of memory, which are simulated: they may last for hours. */

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('asks a Redis that refuses commands, as one out of memory does, once a second and not at every turn', async () => {
  const ask = vi.fn<() => Promise<never>>(() => Promise.reject(new RedisUnavailableError('OOM')));
  const client = { isUp: () => true, ask: ask as never };
  const limiter = createRedisTrafficLimiter({ client, names: createNames('a secret'), metrics: noMetrics });
  const rule = { name: 'traffic', rates: [{ limit: 1_000, windowSeconds: 60 }] } as const;
  const burst = async () => {
    const quotas = Promise.all(Array.from({ length: 100 }, async () => limiter.take(rule, 'alice')));
    await vi.advanceTimersByTimeAsync(900);
    return allowedOf(await quotas);
  };
  expect(await burst()).toBe(100);
  expect(ask.mock.calls.length).toBeLessThanOrEqual(2);
  expect(await burst()).toBe(100);
  expect(ask.mock.calls.length).toBeLessThanOrEqual(4);
  // The limit holds all the same.
  for (let round = 0; round < 12; round += 1) await burst();
  expect(await burst()).toBeLessThan(100);
});
