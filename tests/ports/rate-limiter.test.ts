import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import { createRateLimiter } from '@coucou/runtime/rate-limiter';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { redisUrl } from '../support/database.ts';
import type { Instance } from '../support/instance.ts';
import { startRedis } from '../support/services.ts';
import { until } from '../support/until.ts';
import { openNodes, outagesOf, type RedisNode, untilAll } from './nodes.ts';
import { limiterSuite, ruleOf, takeMany } from './rate-limiter.suite.ts';

const nextTick = promisify(process.nextTick);
const closeAll = async (nodes: readonly RedisNode[]) => void (await Promise.all(nodes.map((node) => node.close())));
const limitersOf = (nodes: readonly RedisNode[]) => nodes.map(({ limiter }) => limiter);

limiterSuite('in process', async () => ({ nodes: [createRateLimiter()], close: async () => {} }));

limiterSuite('on Redis, two nodes', async () => {
  const nodes = await openNodes(redisUrl());
  return { nodes: limitersOf(nodes), close: () => closeAll(nodes) };
});

describe('counters on Redis', () => {
  it('end by themselves, and tell nobody what was counted', async () => {
    const nodes = await openNodes(redisUrl());
    const redis = new Redis(redisUrl());
    const rule = { ...ruleOf(5, 60), name: `rule-${randomUUID()}` };
    await takeMany(limitersOf(nodes), 3, rule, 'alice@example.com');
    const keys = await redis.keys(`*${rule.name}*`);
    expect(keys).toEqual([expect.stringMatching(/^coucou:[\w-]{11}:limit:rule-[\w-]+:\{[\w-]{22}\}$/)]);
    expect(await redis.pttl(keys[0] ?? '')).toBeGreaterThan(0);
    redis.disconnect();
    await closeAll(nodes);
  });

  it('are counted on the node while Redis refuses the command', async () => {
    const nodes = await openNodes(redisUrl(), 1);
    const redis = new Redis(redisUrl());
    const rule = { ...ruleOf(2), name: `rule-${randomUUID()}` };
    await takeMany(limitersOf(nodes), 1, rule, 'alice');
    const [key = ''] = await redis.keys(`*${rule.name}*`);
    await redis.del(key);
    await redis.hset(key, 'field', 'of another type');
    expect(await takeMany(limitersOf(nodes), 5, rule, 'alice')).toBe(1);
    expect(nodes[0]?.lines.map(({ message }) => message)).toEqual([expect.stringMatching(/^Redis refuses a command/)]);
    redis.disconnect();
    await closeAll(nodes);
  });
});

describe('an outage of Redis', () => {
  let redis: Instance;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterEach(() => redis.kill('SIGCONT'));
  afterAll(() => redis.stop());

  const away = outagesOf(() => redis);
  const kinds = ['stopped', 'hung'] as const;

  it.each(kinds)('opens no fresh budget, neither when it begins nor when it ends: %s', async (kind) => {
    const nodes = await openNodes(redis.url);
    const limiters = limitersOf(nodes);
    const [spent, half, fresh] = [randomUUID(), randomUUID(), randomUUID()];
    expect(await takeMany(limiters, 20, ruleOf(6), spent)).toBe(6);
    expect(await takeMany(limiters, 2, ruleOf(6), half)).toBe(2);
    await away[kind].begin();
    await untilAll(nodes, 'degraded');
    // Each node knows what it saw last: one saw the counter at 1, the other at 2.
    expect(await takeMany(limiters, 20, ruleOf(6), spent)).toBe(0);
    expect(await takeMany(limiters.slice(0, 1), 2, ruleOf(6), half)).toBe(2);
    expect(await takeMany(limiters.slice(1), 1, ruleOf(6), half)).toBe(1);
    expect(await takeMany(limiters, 20, ruleOf(6), fresh)).toBe(12);
    await away[kind].end();
    await untilAll(nodes, 'up');
    expect(await takeMany(limiters, 20, ruleOf(6), spent)).toBe(0);
    // Five were taken by both nodes together, which each tells with its next call. What Redis has forgotten is known as far as a node saw it,
    // which was up to one less.
    let left = 0;
    for (const limiter of limiters) left += await takeMany([limiter], 1, ruleOf(6), half);
    left += await takeMany(limiters, 20, ruleOf(6), half);
    expect(left).toBeGreaterThanOrEqual(1);
    expect(left).toBeLessThanOrEqual(kind === 'hung' ? 1 : 2);
    expect(await takeMany(limiters, 20, ruleOf(6), fresh)).toBe(0);
    await closeAll(nodes);
  });

  it('delays the calls that are under way when Redis hangs, and none after them', async () => {
    const [node] = (await openNodes(redis.url, 1)) as [RedisNode];
    await redis.kill('SIGSTOP');
    expect(await takeMany([node.limiter], 10, ruleOf(1_000), 'alice')).toBe(10);
    expect(node.commands.isUp()).toBe(false);
    let answered = 0;
    for (let at = 0; at < 100; at += 1) void node.limiter.take(ruleOf(1_000), 'alice').then(() => (answered += 1));
    // Nothing of the network can happen before.
    await Promise.resolve();
    await nextTick();
    expect(answered).toBe(100);
    await redis.kill('SIGCONT');
    await node.close();
  });

  it('ends where it began: counters are exact across the nodes again', async () => {
    const nodes = await openNodes(redis.url);
    await redis.restart();
    await untilAll(nodes, 'up');
    await until(() => nodes.every(({ commands }) => commands.isUp()), { what: 'both nodes to count on Redis' });
    expect(await takeMany(limitersOf(nodes), 50, ruleOf(10), randomUUID())).toBe(10);
    await closeAll(nodes);
  });
});
