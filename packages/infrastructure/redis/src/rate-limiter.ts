import { type Counted, createFixedWindows, rateLimited } from '@coucou/application/kernel/fixed-windows';
import { metrics as catalogue } from '@coucou/application/metrics/catalogue';
import type { Metrics } from '@coucou/application/ports/metrics';
import type { RateLimit, RateLimiter } from '@coucou/application/ports/rate-limiter';
import type { GuardedClient } from './client.ts';
import type { Names } from './names.ts';
import { runScript, type Script, script } from './script.ts';

export type RedisRateLimiterOptions = Readonly<{
  client: GuardedClient;
  names: Names;
  metrics: Metrics;
}>;

/**
 * One counter, whose expiry is the end of its window. Arguments: the limit, the window in ms, and what Redis may not know: what this node counted by
 * itself, where the counter stood for it, and the rest of its window in ms, or 0 when Redis knows all. The counter becomes the sum of what
 * all nodes counted, and no less than where any of them saw it.
 */
const counting = (step: string): string => `
local limit, window, own, floor, rest = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local count = tonumber(redis.call('GET', KEYS[1]) or 0)
if rest > 0 then
  local sum = math.max(count + own, floor, 0)
  if redis.call('PTTL', KEYS[1]) < 0 then
    redis.call('SET', KEYS[1], sum, 'PX', rest)
  else
    redis.call('INCRBY', KEYS[1], sum - count)
  end
  count = sum
end
local taken = 0
${step}
local left = redis.call('PTTL', KEYS[1])
if left == -1 then
  redis.call('PEXPIRE', KEYS[1], window)
  left = window
end
return {taken, count, left}`;

const TAKE = script(
  counting(`
if count < limit then
  count = redis.call('INCR', KEYS[1])
  taken = 1
end`),
);
const GIVE_BACK = script(
  counting(`
if count > 0 then
  count = redis.call('DECR', KEYS[1])
end`),
);

export type RedisRateLimiter = RateLimiter & Readonly<{ /** Redis is back, and may have lost its counters. */ resumed: () => void }>;

/**
 * Counters of all nodes on Redis, each take one atomic step there. While Redis is away a node goes on by itself from where it last saw
 * each counter, so that an outage opens no fresh budget, and brings what it counted when Redis is back.
 */
export function createRedisRateLimiter({ client, names, metrics }: RedisRateLimiterOptions): RedisRateLimiter {
  const countedHere = metrics.counter(catalogue.limitsCountedHere, {});
  const here = createFixedWindows(() => performance.now());

  /** Undefined when Redis did not do it. */
  async function count(step: Script, { limit, windowSeconds }: RateLimit, name: string): Promise<Counted | undefined> {
    const untold = here.tell(name);
    try {
      const { own, count: floor, msLeft: rest } = untold ?? { own: 0, count: 0, msLeft: 0 };
      const args = [limit, windowSeconds * 1_000, own, floor, Math.ceil(rest)];
      const [taken, counted, msLeft] = (await client.ask((redis) => runScript(redis, step, [name], args))) as [number, number, number];
      here.set(name, counted, msLeft);
      return { isTaken: taken === 1, msLeft };
    } catch {
      // Told to the log by the client, once for the outage.
      if (untold !== undefined) here.untell(name, untold);
      countedHere.add();
      return undefined;
    }
  }

  return {
    async take(rule, key) {
      const name = names.counter(rule.name, key);
      const { isTaken, msLeft } = (await count(TAKE, rule, name)) ?? here.take(name, rule);
      if (isTaken) return;
      metrics.counter(catalogue.limitsRefused, { policy: rule.name }).add();
      throw rateLimited(rule, msLeft);
    },
    async giveBack(rule, key) {
      const name = names.counter(rule.name, key);
      if ((await count(GIVE_BACK, rule, name)) === undefined) here.giveBack(name);
    },
    resumed: here.untellAll,
  };
}
