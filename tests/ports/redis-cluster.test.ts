import { createRedisAnswerCache } from '@coucou/redis/answer-cache';
import { inspectRedis } from '@coucou/redis/inspection';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasRedisServer, type RedisCluster, startRedisCluster, untilWhole } from '../support/redis-cluster.ts';
import { until } from '../support/until.ts';
import { answerCacheSuite, KEPT_MS } from './answer-cache.suite.ts';
import { busSuite, eventOf, hear } from './event-bus.suite.ts';
import { jobQueueSuite, ticketOf } from './job-queue.suite.ts';
import { newSecret, openNode, openNodes, type RedisNode, untilAll } from './nodes.ts';
import { closeAll as closePresence, type OnRedis, openAll as openPresence } from './presence-nodes.ts';
import { presenceSuite } from './presence.suite.ts';
import { limiterSuite, ruleOf, takeMany } from './rate-limiter.suite.ts';
import { trafficSuite } from './traffic-limiter.suite.ts';

const closeAll = async (nodes: readonly RedisNode[]): Promise<void> => {
  for (const node of nodes) await node.close();
};

describe.skipIf(!hasRedisServer)('on a cluster of three masters', () => {
  let cluster: RedisCluster;
  beforeAll(async () => {
    cluster = await startRedisCluster();
  });
  afterAll(() => cluster?.stop());
  const open = () => openNodes(cluster.url) as Promise<[RedisNode, RedisNode]>;

  busSuite('on a cluster, from node to node', async () => {
    const nodes = await open();
    return { from: nodes[0].bus, to: nodes[1].bus, close: () => closeAll(nodes) };
  });

  limiterSuite('on a cluster, two nodes', async () => {
    const nodes = await open();
    return { nodes: nodes.map(({ limiter }) => limiter), close: () => closeAll(nodes) };
  });

  trafficSuite('on a cluster, two nodes', async () => {
    const nodes = await open();
    const settled = async () => {
      for (const { traffic } of nodes) await traffic.settled();
    };
    return { nodes: nodes.map(({ traffic }) => traffic), settled, close: () => closeAll(nodes) };
  });

  presenceSuite('on a cluster, two nodes', async () => {
    const nodes = (await openPresence(cluster.url)) as [OnRedis, OnRedis];
    return { here: nodes[0], there: nodes[1], close: async () => void (await closePresence(nodes)) };
  });

  answerCacheSuite('on a cluster, two nodes', async () => {
    const secret = newSecret();
    const nodes = [openNode(cluster.url, secret), openNode(cluster.url, secret)];
    await Promise.all(nodes.map(({ answered }) => answered));
    const caches = nodes.map(({ commands: client, names }) => createRedisAnswerCache({ client, names, secret, keptMs: KEPT_MS }));
    return { nodes: caches, close: () => closeAll(nodes) };
  });

  jobQueueSuite('BullMQ on a cluster, two nodes', async () => {
    const secret = newSecret();
    const nodes = [openNode(cluster.url, secret), openNode(cluster.url, secret)];
    const queues = nodes.map((node) => node.jobQueue());
    await until(() => queues.every((queue) => queue.isUp()), { what: 'the queues to be open', timeoutMs: 20_000 });
    return { nodes: queues, close: () => closeAll(nodes) };
  });

  it('is looked at as a whole', async () => {
    expect(await inspectRedis(cluster.url)).toMatchObject({ version: expect.stringMatching(/^\d+\.\d+/), isWritable: true });
  });

  it('keeps what is used of it on all of its masters', async () => {
    const nodes = await open();
    for (let at = 0; at < 50; at += 1) await takeMany([nodes[0].limiter], 1, ruleOf(1), `key ${at}`);
    const clients = cluster.masters.map(({ url }) => new Redis(url));
    for (const client of clients) expect(await client.dbsize()).toBeGreaterThan(0);
    for (const client of clients) client.disconnect();
    await closeAll(nodes);
  });

  /** The one that has the channel of these nodes, and another. */
  async function mastersOf({ names }: RedisNode) {
    const clients = cluster.masters.map(({ url }) => new Redis(url));
    const subscribed = await Promise.all(clients.map((client) => client.pubsub('SHARDNUMSUB', names.channel)));
    for (const client of clients) client.disconnect();
    const at = subscribed.findIndex(([, count]) => Number(count) > 0);
    return { withChannel: cluster.masters[at], another: cluster.masters[(at + 1) % 3] };
  }

  it.each([
    ['the master with the channel is stopped', 'withChannel', 'SIGKILL'],
    ['another master is stopped', 'another', 'SIGKILL'],
    ['the master with the channel hangs', 'withChannel', 'SIGSTOP'],
    ['another master hangs', 'another', 'SIGSTOP'],
  ] as const)('is away while %s: nobody waits, the log says so once, and all is well afterwards', async (_, which, signal) => {
    const nodes = await open();
    const heard = hear(nodes[1].bus);
    nodes[0].bus.publish([eventOf('before')]);
    await until(() => heard.includes('before'), { what: 'the event before' });
    const master = (await mastersOf(nodes[0]))[which];
    let recovered = 0;
    nodes[1].bus.onRecovered(() => void (recovered += 1));
    await master?.kill(signal);
    await untilAll(nodes, 'degraded');
    expect(
      await takeMany(
        nodes.map(({ limiter }) => limiter),
        10,
        ruleOf(1),
        `${which} ${signal}`,
      ),
    ).toBeLessThanOrEqual(2);
    for (let at = 0; at < 100; at += 1) nodes[0].bus.publish([eventOf('during')]);
    await nodes[0].bus.settled();
    await (signal === 'SIGSTOP' ? master?.kill('SIGCONT') : master?.restart());
    await Promise.all(
      nodes.map((node) => until(async () => (await node.health.check()).status === 'up', { what: 'Redis to be up', timeoutMs: 60_000 })),
    );
    await until(() => recovered > 0, { what: 'the node to be told', timeoutMs: 20_000 });
    nodes[0].bus.publish([eventOf('after')]);
    await until(() => heard.at(-1) === 'after', { what: 'the event after' });
    for (const { lines } of nodes) {
      const said = (level: string) => lines.filter((line) => line.level === level).map(({ message }) => message);
      expect(said('error').filter((message) => message.startsWith('Redis is away'))).toHaveLength(1);
      expect(said('info')).toEqual(['Redis answers again']);
    }
    await closeAll(nodes);
    await untilWhole(cluster.masters);
  });

  it('goes on when the slot of the channel and of the jobs moves to another master', async () => {
    const secret = newSecret();
    const nodes = [openNode(cluster.url, secret), openNode(cluster.url, secret)] as const;
    await Promise.all(nodes.map(({ answered }) => answered));
    const queue = nodes[0].jobQueue();
    await until(() => queue.isUp(), { what: 'the queue to be open', timeoutMs: 20_000 });
    const heard = hear(nodes[1].bus);
    const clients = cluster.masters.map(({ url }) => new Redis(url));
    for (const name of [nodes[0].names.channel, nodes[0].names.jobs]) await moveSlot(clients, name);
    await until(
      async () => {
        nodes[0].bus.publish([eventOf('after')]);
        await nodes[0].bus.settled();
        return heard.includes('after');
      },
      { what: 'an event after the move', timeoutMs: 30_000 },
    );
    const ran: unknown[] = [];
    queue.work(async (ticket) => void ran.push(ticket), 1);
    const ticket = ticketOf();
    await until(() => queue.offer([ticket]).then(() => true), { what: 'the queue to take a ticket', timeoutMs: 30_000 });
    await until(() => ran.length > 0, { what: 'the ticket to be run', timeoutMs: 30_000 });
    expect(ran).toEqual([ticket]);
    for (const client of clients) client.disconnect();
    await closeAll(nodes);
  });
});

/** To the next master, with the keys that are in it. */
async function moveSlot(clients: readonly Redis[], name: string): Promise<void> {
  const [first] = clients as [Redis];
  const slot = await first.cluster('KEYSLOT', name);
  const ids = await Promise.all(clients.map((client) => client.call('CLUSTER', 'MYID')));
  const ranges = await first.cluster('SLOTS');
  const from = ids.indexOf(ranges.find(([low, high]) => low <= slot && slot <= high)?.[2]?.[2]);
  const to = (from + 1) % clients.length;
  const [source, target] = [clients[from], clients[to]] as [Redis, Redis];
  await target.call('CLUSTER', 'SETSLOT', slot, 'IMPORTING', String(ids[from]));
  await source.call('CLUSTER', 'SETSLOT', slot, 'MIGRATING', String(ids[to]));
  const keys = (await source.call('CLUSTER', 'GETKEYSINSLOT', slot, 1_000)) as string[];
  const { host, port } = target.options;
  if (keys.length > 0) await source.call('MIGRATE', String(host), String(port), '', 0, 5_000, 'KEYS', ...keys);
  for (const client of [target, source, ...clients]) await client.call('CLUSTER', 'SETSLOT', slot, 'NODE', String(ids[to]));
}
