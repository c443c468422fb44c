import { inspectRedis } from '@coucou/redis/inspection';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasRedisServer } from '../support/redis-cluster.ts';
import { type Sentinels, startSentinels } from '../support/redis-sentinel.ts';
import { until } from '../support/until.ts';
import { busSuite, eventOf, hear } from './event-bus.suite.ts';
import { ticketOf } from './job-queue.suite.ts';
import { newSecret, openNode, openNodes, type RedisNode, untilAll } from './nodes.ts';
import { ruleOf, takeMany } from './rate-limiter.suite.ts';

const closeAll = async (nodes: readonly RedisNode[]): Promise<void> => {
  for (const node of nodes) await node.close();
};

describe.skipIf(!hasRedisServer)('a master and its replica, found by sentinels', () => {
  let group: Sentinels;
  beforeAll(async () => {
    group = await startSentinels();
  });
  afterAll(() => group?.stop());

  busSuite('found by sentinels, from node to node', async () => {
    const nodes = (await openNodes(group.url)) as [RedisNode, RedisNode];
    return { from: nodes[0].bus, to: nodes[1].bus, close: () => closeAll(nodes) };
  });

  it('are looked at through the master', async () => {
    expect(await inspectRedis(group.url)).toMatchObject({ isWritable: true });
  });

  it('go on when the master is lost: with the replica, which the log says once', async () => {
    const secret = newSecret();
    const nodes = [openNode(group.url, secret), openNode(group.url, secret)] as const;
    await Promise.all(nodes.map(({ answered }) => answered));
    const queue = nodes[0].jobQueue();
    const heard = hear(nodes[1].bus);
    const rule = ruleOf(2);
    expect(await takeMany([nodes[0].limiter], 2, rule, 'alice')).toBe(2);
    expect(await nodes[0].commands.ask((client) => client.wait(1, 5_000))).toBe(1);
    await until(() => queue.isUp(), { what: 'the queue to be open', timeoutMs: 20_000 });
    await group.master.kill('SIGKILL');
    await untilAll(nodes, 'degraded');
    expect(await takeMany([nodes[0].limiter], 2, rule, 'alice')).toBe(0);
    await Promise.all(
      nodes.map((node) => until(async () => (await node.health.check()).status === 'up', { what: 'a new master', timeoutMs: 60_000 })),
    );
    nodes[0].bus.publish([eventOf('after')]);
    await until(() => heard.at(-1) === 'after', { what: 'the event after' });
    expect(
      await takeMany(
        nodes.map(({ limiter }) => limiter),
        4,
        rule,
        'alice',
      ),
    ).toBe(0);
    const ran: unknown[] = [];
    queue.work(async (ticket) => void ran.push(ticket), 1);
    const ticket = ticketOf();
    await until(() => queue.offer([ticket]).then(() => true), { what: 'the queue to take a ticket', timeoutMs: 30_000 });
    await until(() => ran.length > 0, { what: 'the ticket to be run', timeoutMs: 30_000 });
    for (const { lines } of nodes)
      expect(lines.filter(({ level }) => level === 'error').map(({ message }) => message)).toEqual([
        expect.stringMatching(/^Redis is away/),
      ]);
    await closeAll(nodes);
  });

  it('that are all away are an outage, from the start', async () => {
    const node = openNode('redis+sentinel://127.0.0.1:1,127.0.0.1:2/main', newSecret());
    await until(() => node.lines.some(({ level }) => level === 'error'), { what: 'the log to say so' });
    expect(await takeMany([node.limiter], 5, ruleOf(2), 'alice')).toBe(2);
    expect(await node.health.check()).toMatchObject({ status: 'degraded' });
    await node.close();
  });
});
