import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Instance } from '../support/instance.ts';
import { startRedis } from '../support/services.ts';
import { until } from '../support/until.ts';
import { eventOf, hear } from './event-bus.suite.ts';
import { openNodes, type RedisNode, untilAll } from './nodes.ts';
import { ruleOf, takeMany } from './rate-limiter.suite.ts';
import { allowedOf, askMany, trafficRule } from './traffic-limiter.suite.ts';

/** What a Redis does that answers, and yet is not what it was: limits, guesses and the bus of two nodes go on, and are together again afterwards. */

let redis: Instance;
let operator: Redis;
let nodes: [RedisNode, RedisNode];
beforeAll(async () => {
  redis = await startRedis();
  operator = new Redis(redis.url);
  nodes = (await openNodes(redis.url)) as [RedisNode, RedisNode];
});
afterAll(async () => {
  await Promise.all((nodes ?? []).map((node) => node.close()));
  operator?.disconnect();
  await redis?.stop();
});

/** Real refusals, of every command that writes. */
const states = {
  'out of memory': {
    begin: async () => {
      await operator.config('SET', 'maxmemory-policy', 'noeviction');
      await operator.config('SET', 'maxmemory', '1');
    },
    end: () => operator.config('SET', 'maxmemory', '0'),
  },
  'read-only for want of replicas': {
    begin: () => operator.config('SET', 'min-replicas-to-write', '1'),
    end: () => operator.config('SET', 'min-replicas-to-write', '0'),
  },
};

describe.each(Object.entries(states))('a Redis that is %s', (_, { begin, end }) => {
  it('leaves each node to count by itself, carries events, and knows afterwards what was granted', async () => {
    const traffic = nodes.map((node) => node.traffic);
    const limiters = nodes.map(({ limiter }) => limiter);
    const [spent, fresh] = [randomUUID(), randomUUID()];
    const [rule, guesses] = [trafficRule(20), ruleOf(4)];
    expect(allowedOf(await askMany(traffic, 60, rule, spent))).toBeLessThanOrEqual(21);
    await Promise.all(traffic.map((each) => each.settled()));
    expect(await takeMany(limiters, 10, guesses, spent)).toBe(4);
    const [outages] = [nodes.flatMap(({ lines }) => lines).length];
    await begin();
    await untilAll(nodes, 'degraded');
    expect(allowedOf(await askMany(traffic, 10, rule, spent))).toBe(0);
    expect(await takeMany(limiters, 6, guesses, spent)).toBe(0);
    // At most what each node would grant alone, and at least what one would.
    const granted = allowedOf(await askMany(traffic, 100, rule, fresh));
    expect(granted).toBeGreaterThanOrEqual(20);
    expect(granted).toBeLessThanOrEqual(40);
    const guessed = await takeMany(limiters, 20, guesses, fresh);
    expect(guessed).toBeGreaterThanOrEqual(4);
    expect(guessed).toBeLessThanOrEqual(8);
    const heard = hear(nodes[1].bus);
    nodes[0].bus.publish([eventOf(spent)]);
    await until(() => heard.includes(spent), { what: 'an event of the other node' });
    // A line or two for the state, and not one for each call.
    expect(nodes.flatMap(({ lines }) => lines).length - outages).toBeLessThanOrEqual(4);
    await end();
    await untilAll(nodes, 'up');
    await until(
      async () => {
        await Promise.all(traffic.map((each) => each.settled()));
        return allowedOf(await askMany(traffic, 4, rule, fresh)) === 0;
      },
      { what: 'the budget that was spent meanwhile to be known' },
    );
    const other = randomUUID();
    expect(allowedOf(await askMany(traffic, 60, rule, other))).toBeLessThanOrEqual(21);
    expect(await takeMany(limiters, 10, guesses, other)).toBe(4);
  });
});

describe('a Redis', () => {
  it('that was emptied while it ran costs no more than each budget once more', async () => {
    const traffic = nodes.map((node) => node.traffic);
    const key = randomUUID();
    const rule = trafficRule(20);
    await askMany(traffic, 60, rule, key);
    await Promise.all(traffic.map((each) => each.settled()));
    await operator.flushall();
    // A node decides by its copy until it asks, and Redis knows nothing of this key any more.
    let again = 0;
    for (let round = 0; round < 5; round += 1) again += allowedOf(await askMany(traffic, 30, rule, key));
    expect(again).toBeLessThanOrEqual(22);
  });

  it('whose clock was set forward by an hour gives each budget back once, and holds it from then on', async () => {
    const traffic = nodes.map((node) => node.traffic);
    const key = randomUUID();
    const rule = { name: `rule-${randomUUID()}`, rates: [{ limit: 20, windowSeconds: 600 }] } as const;
    const known = new Set(await operator.keys('*:bucket:*'));
    await askMany(traffic, 60, rule, key);
    await Promise.all(traffic.map((each) => each.settled()));
    const [bucket = ''] = (await operator.keys('*:bucket:*')).filter((each) => !known.has(each));
    // What stands there is an hour older to a clock that is an hour ahead.
    await operator.set(bucket, String(Number(await operator.get(bucket)) - 3_600e6), 'PX', 600_000);
    let granted = 0;
    for (let round = 0; round < 5; round += 1) granted += allowedOf(await askMany(traffic, 30, rule, key));
    expect(granted).toBeLessThanOrEqual(22);
    expect(allowedOf(await askMany(traffic, 30, rule, key))).toBeLessThanOrEqual(1);
  });
});
