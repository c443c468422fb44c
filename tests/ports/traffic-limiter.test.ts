import { randomUUID } from 'node:crypto';
import { createTrafficLimiter } from '@coucou/runtime/traffic-limiter';
import fc from 'fast-check';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { redisUrl } from '../support/database.ts';
import type { Instance } from '../support/instance.ts';
import { startRedis } from '../support/services.ts';
import { until } from '../support/until.ts';
import { openNodes, outagesOf, type RedisNode, untilAll } from './nodes.ts';
import { allowedOf, askMany, trafficRule, trafficSuite } from './traffic-limiter.suite.ts';

const closeAll = (nodes: readonly RedisNode[]) => Promise.all(nodes.map((node) => node.close()));
const trafficOf = (nodes: readonly RedisNode[]) => nodes.map(({ traffic }) => traffic);
const settled = (nodes: readonly RedisNode[]) => Promise.all(nodes.map(({ traffic }) => traffic.settled()));

trafficSuite('in process', async () => ({ nodes: [createTrafficLimiter()], settled: async () => {}, close: async () => {} }));

trafficSuite('on Redis, one node', async () => {
  const nodes = await openNodes(redisUrl(), 1);
  return { nodes: trafficOf(nodes), settled: () => settled(nodes), close: () => closeAll(nodes) };
});

trafficSuite('on Redis, two nodes', async () => {
  const nodes = await openNodes(redisUrl());
  return { nodes: trafficOf(nodes), settled: () => settled(nodes), close: () => closeAll(nodes) };
});

describe('traffic in process', () => {
  /** Steps of time in milliseconds, back as well, and calls. */
  const histories = fc.array(fc.oneof(fc.record({ ms: fc.integer({ min: -2_000, max: 20_000 }) }), fc.constant('take' as const)), {
    maxLength: 300,
  });
  const limits = fc.record({ limit: fc.integer({ min: 1, max: 40 }), windowSeconds: fc.integer({ min: 1, max: 20 }) });

  it('never exceeds a burst and what came back since, from any call on', () => {
    fc.assert(
      fc.property(limits, histories, (rate, history) => {
        let at = 0;
        const limiter = createTrafficLimiter({ now: () => at });
        const rule = { name: 'traffic', rates: [rate] as const };
        const granted: number[] = [];
        // Here the clock only goes on.
        for (const step of history) {
          if (step !== 'take') at += Math.abs(step.ms);
          else if ((limiter.take(rule, 'alice') as { isAllowed: boolean }).isAllowed) granted.push(at);
        }
        for (const [from, start] of granted.entries())
          for (const [to, end] of granted.entries()) {
            if (to < from) continue;
            const cameBack = ((end - start) * rate.limit) / (rate.windowSeconds * 1_000);
            expect(to - from + 1).toBeLessThanOrEqual(Math.floor(rate.limit + cameBack + 1e-6));
          }
      }),
    );
  });

  it('lets somebody through again a window later at the latest, wherever the clock jumps', () => {
    fc.assert(
      fc.property(limits, histories, fc.integer({ min: -1e9, max: 1e9 }), (rate, history, jump) => {
        let at = 0;
        const limiter = createTrafficLimiter({ now: () => at });
        const rule = { name: 'traffic', rates: [rate] as const };
        const take = () => limiter.take(rule, 'alice') as { isAllowed: boolean; retryAfterMs: number };
        for (const step of history) {
          if (step === 'take') take();
          else at += step.ms;
        }
        at += jump;
        const { isAllowed, retryAfterMs } = take();
        if (isAllowed) return;
        expect(retryAfterMs).toBeLessThanOrEqual(2 * rate.windowSeconds * 1_000);
        at += retryAfterMs;
        expect(take().isAllowed).toBe(true);
      }),
    );
  });
});

describe('traffic on Redis', () => {
  it('is decided without waiting for Redis, and settled in blocks', async () => {
    const [node] = (await openNodes(redisUrl(), 1)) as [RedisNode];
    const redis = new Redis(redisUrl());
    const rule = { ...trafficRule(100_000), name: `rule-${randomUUID()}` };
    const before = await evaluations(redis);
    const quotas = Array.from({ length: 1_000 }, (_, at) => node.traffic.take(rule, `person ${at % 10}`));
    for (const quota of quotas) expect(quota).not.toBeInstanceOf(Promise);
    await node.traffic.settled();
    expect((await evaluations(redis)) - before).toBeLessThanOrEqual(2 * 16);
    redis.disconnect();
    await node.close();
  });

  it('is kept for as long as it matters, and tells nobody who was counted', async () => {
    const nodes = await openNodes(redisUrl(), 1);
    const redis = new Redis(redisUrl());
    const known = new Set(await redis.keys('*:bucket:*'));
    await askMany(trafficOf(nodes), 3, trafficRule(60), 'alice@example.com');
    await settled(nodes);
    const keys = (await redis.keys('*:bucket:*')).filter((key) => !known.has(key));
    expect(keys).toEqual([expect.stringMatching(/^coucou:[\w-]{11}:bucket:\{[\da-f]\}:[\w-]{22}$/)]);
    const ms = await redis.pttl(keys[0] ?? '');
    expect(ms).toBeGreaterThan(0);
    expect(ms).toBeLessThanOrEqual(3 * 60_000);
    redis.disconnect();
    await closeAll(nodes);
  });

  it('is decided by the node while Redis refuses the command, and has nothing left to tell once its budgets are full again', async () => {
    const [node] = (await openNodes(redisUrl(), 1)) as [RedisNode];
    const redis = new Redis(redisUrl());
    const rule = { name: `rule-${randomUUID()}`, rates: [{ limit: 5, windowSeconds: 1 }] } as const;
    const known = new Set(await redis.keys('*:bucket:*'));
    await askMany([node.traffic], 1, rule, 'alice');
    const [key = ''] = (await redis.keys('*:bucket:*')).filter((each) => !known.has(each));
    await redis.del(key);
    await redis.hset(key, 'field', 'of another type');
    const allowed = allowedOf(await askMany([node.traffic], 20, rule, 'alice'));
    expect(allowed).toBeGreaterThanOrEqual(4);
    expect(allowed).toBeLessThanOrEqual(5);
    expect(node.lines.map(({ message }) => message)).toEqual([expect.stringMatching(/^Redis refuses a command/)]);
    await until(async () => (await askMany([node.traffic], 1, rule, 'alice'))[0]?.isAllowed === true, { what: 'a token to come back' });
    redis.disconnect();
    await node.close();
  });

  it('goes on after the clock of its Redis was set back by an hour', async () => {
    const [one, other] = (await openNodes(redisUrl())) as [RedisNode, RedisNode];
    const redis = new Redis(redisUrl());
    const rule = { name: `rule-${randomUUID()}`, rates: [{ limit: 5, windowSeconds: 5 }] } as const;
    const known = new Set(await redis.keys('*:bucket:*'));
    await askMany([one.traffic], 5, rule, 'alice');
    await one.traffic.settled();
    const [key = ''] = (await redis.keys('*:bucket:*')).filter((each) => !known.has(each));
    await redis.set(key, String(Number(await redis.get(key)) + 3_600e6), 'PX', 3_600_000);
    const [quota] = await askMany([other.traffic], 1, rule, 'alice');
    expect(quota?.isAllowed).toBe(false);
    expect(quota?.retryAfterMs).toBeLessThanOrEqual(1_000);
    redis.disconnect();
    await closeAll([one, other]);
  });
});

/** Scripts that Redis has run. */
async function evaluations(redis: Redis): Promise<number> {
  const stats = await redis.info('commandstats');
  return [...stats.matchAll(/cmdstat_eval(?:sha)?:calls=(\d+)/g)].reduce((sum, [, calls]) => sum + Number(calls), 0);
}

describe('traffic while Redis is away', () => {
  let redis: Instance;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterEach(() => redis.kill('SIGCONT'));
  afterAll(() => redis.stop());

  const away = outagesOf(() => redis);

  it.each(['stopped', 'hung'] as const)('is decided by each node from where it stood, and handed back: %s', async (kind) => {
    const nodes = await openNodes(redis.url);
    const [spent, fresh] = [randomUUID(), randomUUID()];
    expect(allowedOf(await askMany(trafficOf(nodes), 20, trafficRule(6), spent))).toBe(6);
    await settled(nodes);
    await away[kind].begin();
    await untilAll(nodes, 'degraded');
    // A node knows what it saw last: no fresh budget where it was spent.
    expect(allowedOf(await askMany(trafficOf(nodes), 20, trafficRule(6), spent))).toBe(0);
    for (const quota of trafficOf(nodes).map((node) => node.take(trafficRule(1_000), randomUUID())))
      expect(quota).not.toBeInstanceOf(Promise);
    // And each has the limit for itself.
    expect(allowedOf(await askMany(trafficOf(nodes), 40, trafficRule(12), fresh))).toBe(24);
    await away[kind].end();
    await untilAll(nodes, 'up');
    for (const node of nodes) await askMany([node.traffic], 1, trafficRule(6), spent);
    await settled(nodes);
    expect(allowedOf(await askMany(trafficOf(nodes), 20, trafficRule(6), spent))).toBe(0);
    expect(allowedOf(await askMany(trafficOf(nodes), 20, trafficRule(12), fresh))).toBe(0);
    await closeAll(nodes);
  });

  it('keeps a call waiting for no longer than a moment when Redis hangs', async () => {
    const [node] = (await openNodes(redis.url, 1)) as [RedisNode];
    await redis.kill('SIGSTOP');
    // Of a limit this small nothing is granted ahead of Redis.
    expect(allowedOf(await askMany([node.traffic], 10, trafficRule(5), 'alice'))).toBe(5);
    expect(node.counts().countedHere).toBeGreaterThanOrEqual(5);
    await redis.kill('SIGCONT');
    await node.close();
  });
});
