import type { RedisJobQueue } from '@coucou/redis/job-queue';
import { createJobQueue } from '@coucou/runtime/job-queue';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { redisUrl } from '../support/database.ts';
import type { Instance } from '../support/instance.ts';
import { startRedis } from '../support/services.ts';
import { until } from '../support/until.ts';
import { jobQueueSuite, ticketOf } from './job-queue.suite.ts';
import { newSecret, openNode, outagesOf, type RedisNode } from './nodes.ts';

type QueueNode = RedisNode & Readonly<{ jobs: RedisJobQueue }>;

const openJobs = (url: string, secret: string): QueueNode => {
  const node = openNode(url, secret);
  return { ...node, jobs: node.jobQueue() };
};
const untilUp = (nodes: readonly QueueNode[]) =>
  until(() => nodes.every(({ jobs }) => jobs.isUp()), { what: 'the queue to be open', timeoutMs: 20_000 });
async function openQueues(url: string, count: number): Promise<QueueNode[]> {
  const secret = newSecret();
  const nodes = Array.from({ length: count }, () => openJobs(url, secret));
  await untilUp(nodes);
  return nodes;
}

jobQueueSuite('in process', async () => ({ nodes: [createJobQueue()], close: async () => {} }));

jobQueueSuite('BullMQ on Redis, two nodes', async () => {
  const nodes = await openQueues(redisUrl(), 2);
  return {
    nodes: nodes.map(({ jobs }) => jobs),
    async close() {
      for (const node of nodes) await node.close();
    },
  };
});

describe('the job queue on a Redis that fails', () => {
  let redis: Instance;
  const nodes: QueueNode[] = [];
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());
  afterEach(async () => {
    for (const node of nodes.splice(0)) await node.close();
  });
  const open = async (count: number) => {
    nodes.push(...(await openQueues(redis.url, count)));
    return nodes as [QueueNode, ...QueueNode[]];
  };
  const configure = async (...args: readonly string[]) => {
    const client = new Redis(redis.url);
    await client.call(...(args as [string]));
    client.disconnect();
  };

  for (const [how, { begin, end }] of Object.entries(outagesOf(() => redis)))
    it(`refuses tickets at once while it is ${how}, and works afterwards`, async () => {
      const [one, two] = await open(2);
      const ran: string[] = [];
      two?.jobs.work(async ({ event }) => void ran.push(event), 2);
      const first = ticketOf();
      await one.jobs.offer([first]);
      await until(() => ran.includes(first.event), { what: 'a run before' });
      await begin();
      const begun = performance.now();
      await expect(one.jobs.offer([ticketOf()])).rejects.toThrow('Redis');
      expect(performance.now() - begun).toBeLessThan(2_000);
      await until(() => !one.jobs.isUp(), { what: 'the outage to be known' });
      await end();
      await untilUp(nodes);
      const later = ticketOf();
      await one.jobs.offer([later]);
      await until(() => ran.includes(later.event), { what: 'a run after', timeoutMs: 20_000 });
    });

  it('stops when what it runs is done, though it hangs by then', async () => {
    const [one] = await open(1);
    const [begun, done] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    one.jobs.work(() => (begun.resolve(), done.promise), 2);
    await one.jobs.offer([ticketOf()]);
    await begun.promise;
    await redis.kill('SIGSTOP');
    try {
      const stopped = one.jobs.stop();
      done.resolve();
      const late = new Promise<string>((resolve) => setTimeout(() => resolve('still waiting for Redis'), 10_000).unref());
      expect(await Promise.race([stopped.then(() => 'stopped'), late])).toBe('stopped');
    } finally {
      await redis.kill('SIGCONT');
    }
  });

  it('goes on after it was emptied', async () => {
    const [one] = await open(1);
    const lost = ticketOf();
    await one.jobs.offer([lost]);
    await configure('FLUSHALL');
    const ran: string[] = [];
    one.jobs.work(async ({ event }) => void ran.push(event), 2);
    const later = ticketOf();
    await one.jobs.offer([later]);
    await until(() => ran.includes(later.event), { what: 'a run after' });
    expect(ran).not.toContain(lost.event);
    await one.jobs.offer([lost]);
    await until(() => ran.includes(lost.event), { what: 'what was lost, offered again' });
  });

  it.each([
    ['out of memory', ['CONFIG', 'SET', 'maxmemory', '1'], ['CONFIG', 'SET', 'maxmemory', '0']],
    ['a replica, which takes no writes', ['REPLICAOF', '127.0.0.1', '1'], ['REPLICAOF', 'NO', 'ONE']],
  ])('refuses tickets while it is %s, and works afterwards', async (_what, begin, end) => {
    const [one] = await open(1);
    const ran: string[] = [];
    one.jobs.work(async ({ event }) => void ran.push(event), 2);
    await configure(...begin);
    await expect(one.jobs.offer([ticketOf()])).rejects.toThrow('Redis');
    await configure(...end);
    const later = ticketOf();
    await until(
      async () => {
        await one.jobs.offer([later]);
        return true;
      },
      { what: 'a ticket to be taken', timeoutMs: 20_000 },
    );
    await until(() => ran.includes(later.event), { what: 'a run after', timeoutMs: 20_000 });
  });

  it('goes on after its worker was made anew, and when the connections of a worker were cut', async () => {
    const [one] = await open(1);
    const ran: string[] = [];
    one.jobs.work(async ({ event }) => void ran.push(event), 2);
    /** One of several: who is cut off may have taken a ticket in that moment, and it is the outbox that offers it again. */
    const runOf = async () => {
      const offered = new Set<string>();
      const offer = async () => {
        const ticket = ticketOf();
        await one.jobs.offer([ticket]);
        offered.add(ticket.event);
        return ran.some((event) => offered.has(event));
      };
      await until(offer, { what: 'a run', timeoutMs: 20_000 });
    };
    await runOf();
    one.jobs.renew();
    await runOf();
    await configure('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    await runOf();
    expect(new Set(ran).size).toBe(ran.length);
  });

  it('is not used under another maxmemory-policy than noeviction, and says so', async () => {
    await configure('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru');
    try {
      const node = openJobs(redis.url, newSecret());
      nodes.push(node);
      await until(() => node.jobs.refused(), { what: 'the refusal' });
      expect(node.jobs.refused()).toBe('maxmemory-policy is allkeys-lru, not noeviction');
      expect(node.jobs.isUp()).toBe(false);
      await expect(node.jobs.offer([ticketOf()])).rejects.toThrow('Redis has no job queue');
      expect(node.lines.filter(({ message }) => message.includes('maxmemory-policy is allkeys-lru'))).toMatchObject([{ level: 'error' }]);
      await until(async () => (await node.health.check()).detail?.includes('noeviction'), { what: 'the readiness to say it' });
    } finally {
      await configure('CONFIG', 'SET', 'maxmemory-policy', 'noeviction');
    }
  });
});
