import { randomUUID } from 'node:crypto';
import { noMetrics } from '@coucou/application/metrics/no-metrics';
import type { AnswerCache } from '@coucou/application/ports/answer-cache';
import type { Metrics } from '@coucou/application/ports/metrics';
import { createRedisAnswerCache, type RedisAnswerCacheOptions } from '@coucou/redis/answer-cache';
import { createAnswerCache } from '@coucou/runtime/answer-cache';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { redisUrl } from '../support/database.ts';
import type { Instance } from '../support/instance.ts';
import { startRedis } from '../support/services.ts';
import { until } from '../support/until.ts';
import { answerCacheSuite, KEPT_MS, newKey, untilKept } from './answer-cache.suite.ts';
import { newSecret, openNodes, outagesOf, type RedisNode, untilAll } from './nodes.ts';

const SECRET = newSecret();
const onRedis = ({ commands: client, names }: RedisNode, more: Partial<RedisAnswerCacheOptions> = {}): AnswerCache =>
  createRedisAnswerCache({ client, names, secret: SECRET, patienceMs: 2_000, ...more });
const closeAll = async (nodes: readonly RedisNode[]) => void (await Promise.all(nodes.map((node) => node.close())));

answerCacheSuite('in process', async () => ({
  nodes: [createAnswerCache({ mostBytes: 4_000_000, metrics: noMetrics, keptMs: KEPT_MS })],
  close: async () => {},
}));

answerCacheSuite('on Redis, two nodes', async () => {
  const nodes = await openNodes(redisUrl());
  return { nodes: nodes.map((node) => onRedis(node, { keptMs: KEPT_MS })), close: () => closeAll(nodes) };
});

describe('answers in the process', () => {
  it('take no more memory than they may: those asked for last stay', async () => {
    let measured: Parameters<Metrics['gauge']>[1] = () => [];
    const gauge: Metrics['gauge'] = (_metric, read) => void (measured = read);
    const cache = createAnswerCache({ mostBytes: 100_000, metrics: { ...noMetrics, gauge } });
    const keys = Array.from({ length: 100 }, () => newKey());
    const answer = 'x'.repeat(2_000);
    for (const key of keys) {
      cache.put(key, answer);
      await cache.get(keys[0] ?? key);
    }
    const kept = (await Promise.all(keys.map((key) => cache.get(key)))).map((each) => each !== undefined);
    expect([kept[0], kept[1], kept[99]]).toEqual([true, false, true]);
    const [sample] = await measured();
    expect(sample?.labels).toEqual({ operation: 'conversations.list' });
    expect(sample?.value).toBeGreaterThan(50_000);
    expect(sample?.value).toBeLessThanOrEqual(100_000);
  });

  it('too large for the whole cache are not kept, and push nothing out', async () => {
    const cache = createAnswerCache({ mostBytes: 10_000, metrics: noMetrics });
    const [small, large] = [newKey(), newKey()];
    cache.put(small, '"small"');
    cache.put(large, 'x'.repeat(20_000));
    expect([await cache.get(small), await cache.get(large)]).toEqual(['"small"', undefined]);
  });
});

describe('answers on Redis', () => {
  let nodes: RedisNode[];
  let node: RedisNode;
  let cache: AnswerCache;
  let redis: Redis;
  beforeAll(async () => {
    nodes = await openNodes(redisUrl(), 1);
    node = nodes[0] as RedisNode;
    cache = onRedis(node);
    redis = new Redis(redisUrl());
  });
  afterAll(async () => {
    redis.disconnect();
    await closeAll(nodes);
  });

  const nameOf = ({ account, operation, slot }: ReturnType<typeof newKey>) => node.names.answer(account, operation, slot);

  it('end by themselves, carry their account in the name, and tell nobody anything', async () => {
    const key = newKey();
    cache.put(key, '{"text":"nobody reads this"}');
    await untilKept(cache, key, '{"text":"nobody reads this"}');
    const name = nameOf(key);
    expect(name).toMatch(/^coucou:[\w-]{11}:answer:\{[\w-]{22}\}:[\w-]{22}$/);
    expect(await redis.pttl(name)).toBeGreaterThan(50_000);
    expect((await redis.getBuffer(name))?.includes('nobody')).toBe(false);
  });

  it.each<[string, (value: Buffer) => Buffer | string]>([
    ['empty', () => ''],
    ['text of somebody else', () => '{"items":[]}'],
    ['cut off', (value) => value.subarray(0, 20)],
    ['of another format', (value) => Buffer.concat([Buffer.of(2), value.subarray(1)])],
    ['changed in a bit', (value) => Buffer.from(value.map((byte, at) => (at === value.length - 1 ? byte ^ 1 : byte)))],
    ['changed in its tag', (value) => Buffer.from(value.map((byte, at) => (at === 14 ? byte ^ 1 : byte)))],
  ])('that are %s are none', async (_, change) => {
    const key = newKey();
    cache.put(key, '{"items":[1]}');
    await untilKept(cache, key, '{"items":[1]}');
    await redis.set(nameOf(key), change((await redis.getBuffer(nameOf(key))) ?? Buffer.of()));
    expect(await cache.get(key)).toBeUndefined();
    // And the next one is kept again.
    cache.put(key, '{"items":[2]}');
    await untilKept(cache, key, '{"items":[2]}');
  });

  it('are none where they were copied to, be it another account or another caller; nor for another secret', async () => {
    const [key, elsewhere] = [newKey(), newKey()];
    cache.put(key, '"theirs"');
    await untilKept(cache, key, '"theirs"');
    await redis.copy(nameOf(key), nameOf(elsewhere));
    expect(await cache.get({ ...elsewhere, validator: key.validator })).toBeUndefined();
    const stranger = createRedisAnswerCache({ client: node.commands, names: node.names, secret: newSecret(), patienceMs: 2_000 });
    expect(await stranger.get(key)).toBeUndefined();
  });

  it('of another type are none, and take no call down', async () => {
    const key = newKey();
    await redis.hset(nameOf(key), 'field', 'value');
    expect(await cache.get(key)).toBeUndefined();
  });

  it('are written within a budget, however much is asked: others keep there what they cannot lose', async () => {
    const bounded = onRedis(node, { mostBytes: 10_000 });
    const keys = Array.from({ length: 20 }, () => newKey());
    for (const key of keys) bounded.put(key, 'x'.repeat(1_000));
    const huge = newKey();
    onRedis(node).put(huge, 'x'.repeat(300_000));
    await untilKept(bounded, keys[8] ?? newKey(), 'x'.repeat(1_000));
    expect(await redis.exists(...keys.map(nameOf))).toBe(9);
    expect(await redis.exists(nameOf(huge))).toBe(0);
  });
});

describe('a Redis that fails', () => {
  let redis: Instance;
  let nodes: RedisNode[];
  let node: RedisNode;
  beforeAll(async () => {
    redis = await startRedis();
  });
  beforeEach(async () => {
    nodes = await openNodes(redis.url, 1);
    node = nodes[0] as RedisNode;
  });
  afterEach(async () => {
    await redis.kill('SIGCONT');
    await closeAll(nodes);
  });
  afterAll(() => redis.stop());

  const away = outagesOf(() => redis);

  it.each(['stopped', 'hung'] as const)('is not waited for, and serves again afterwards: %s', async (kind) => {
    const cache = onRedis(node, { patienceMs: 30 });
    const key = newKey();
    cache.put(key, '1');
    await until(() => cache.get(key), { what: 'the answer' });
    await away[kind].begin();
    // One call may wait; those after it ask nobody.
    await cache.get(key);
    const began = performance.now();
    for (let at = 0; at < 200; at += 1) {
      expect(await cache.get(key)).toBeUndefined();
      cache.put(newKey(), '2');
    }
    // 200 calls that each wait would take six seconds.
    expect(performance.now() - began).toBeLessThan(5_000);
    await away[kind].end();
    await untilAll(nodes, 'up');
    const later = newKey();
    await until(
      async () => {
        cache.put(later, '3');
        return cache.get(later);
      },
      { what: 'the cache to serve again', timeoutMs: 20_000 },
    );
  });

  it('by being emptied has lost its answers, which is all', async () => {
    const cache = onRedis(node);
    const key = newKey();
    cache.put(key, '1');
    await untilKept(cache, key, '1');
    const admin = new Redis(redis.url);
    await admin.flushall();
    expect(await cache.get(key)).toBeUndefined();
    cache.put(key, '2');
    await untilKept(cache, key, '2');
    admin.disconnect();
  });

  it.each<[string, [string, string], [string, string]]>([
    ['read-only', ['min-replicas-to-write', '1'], ['min-replicas-to-write', '0']],
    ['out of memory', ['maxmemory', '1'], ['maxmemory', '0']],
  ])('by being %s takes no answers, and the calls go on', async (_, broken, mended) => {
    const cache = onRedis(node);
    const key = newKey();
    cache.put(key, '1');
    await untilKept(cache, key, '1');
    const admin = new Redis(redis.url);
    await admin.config('SET', ...broken);
    const lost = newKey();
    cache.put(lost, '2');
    await until(() => node.lines.length > 0, { what: 'the refusal in the log' });
    expect(node.lines.map(({ message }) => message)).toEqual([expect.stringMatching(/^Redis refuses a command/)]);
    expect(await cache.get(lost)).toBeUndefined();
    for (let at = 0; at < 100; at += 1) cache.put(newKey({ slot: randomUUID() }), '3');
    await admin.config('SET', ...mended);
    await until(
      async () => {
        cache.put(lost, '4');
        return cache.get(lost);
      },
      { what: 'the cache to serve again', timeoutMs: 10_000 },
    );
    admin.disconnect();
  });
});
