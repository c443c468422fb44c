import { asId } from '@coucou/domain/kernel/ids';
import { createRedisPresence } from '@coucou/redis/presence';
import { UPDATE } from '@coucou/redis/presence-scripts';
import { createMemoryPresence } from '@coucou/runtime/presence';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { redisUrl } from '../support/database.ts';
import type { Instance } from '../support/instance.ts';
import { startRedis } from '../support/services.ts';
import { until } from '../support/until.ts';
import { openNode, outagesOf, untilAll } from './nodes.ts';
import { announcedOf, clock, closeAll, type OnRedis, openAll, textOf } from './presence-nodes.ts';
import { account, alice, bob, connect, devicesAt, laptop, presenceSuite, statusAt, SUITE_GRACE_MS } from './presence.suite.ts';

presenceSuite('in process', async () => {
  const decided: string[] = [];
  const presence = createMemoryPresence({
    clock,
    graceMs: SUITE_GRACE_MS,
    onChanges: async (changes) => void decided.push(...changes.map(textOf)),
  });
  const node = { presence, decided, shown: decided };
  return { here: node, there: node, close: () => presence.close() };
});

presenceSuite('on Redis, one node', async () => {
  const [node] = (await openAll(redisUrl(), 1)) as [OnRedis];
  return { here: node, there: node, close: () => node.close() };
});

presenceSuite('on Redis, two nodes', async () => {
  const nodes = (await openAll(redisUrl())) as [OnRedis, OnRedis];
  return { here: nodes[0], there: nodes[1], close: async () => void (await closeAll(nodes)) };
});

describe('presence of nodes on one Redis', () => {
  let redis: Instance;
  let operator: Redis;
  beforeAll(async () => {
    redis = await startRedis();
    operator = new Redis(redis.url);
    operator.on('error', () => {});
  });
  afterAll(async () => {
    operator?.disconnect();
    await redis?.stop();
  });

  const scriptsRun = async (): Promise<number> => {
    const stats = await operator.info('commandstats');
    return [...stats.matchAll(/cmdstat_eval(?:sha)?:calls=(\d+)/g)].reduce((sum, [, calls]) => sum + Number(calls), 0);
  };

  it('costs at most one command for each connect and each disconnect, and one for all of a turn', async () => {
    const [node] = (await openAll(redis.url, 1)) as [OnRedis];
    connect(node, 'first');
    await node.presence.settled();
    const [before, began] = [await scriptsRun(), performance.now()];
    for (let at = 0; at < 100; at += 1) {
      connect(node, `each-${at}`, { userId: asId(`each-${at}`) });
      await node.presence.settled();
    }
    for (let at = 0; at < 1_000; at += 1) connect(node, `turn-${at}`, { userId: asId(`turn-${at}`) });
    await node.presence.settled();
    for (let at = 0; at < 100; at += 1) {
      node.presence.disconnected(`each-${at}`);
      await node.presence.settled();
    }
    await until(() => node.decided.filter((each) => each.endsWith('offline')).length === 100, { what: 'everybody to be offline' });
    // Besides them there is the lease.
    const leases = Math.ceil((performance.now() - began) / 500) + 2;
    expect((await scriptsRun()) - before).toBeLessThanOrEqual(100 + 5 + 100 + leases);
    await node.close();
  });

  it('takes the people of a node that has died, each once, with the time of its last sign', async () => {
    const nodes = (await openAll(redis.url, 3)) as [OnRedis, OnRedis, OnRedis];
    const [dying, ...others] = nodes;
    const people = Array.from({ length: 500 }, (_, at) => asId<'user'>(`person-${at}`));
    for (const [at, userId] of people.entries()) connect(dying, `dying-${at}`, { userId });
    connect(dying, 'alice-1');
    connect(others[0], 'alice-2', { sessionId: laptop });
    await Promise.all(nodes.map(({ presence }) => presence.settled()));
    await until(() => others.every(({ shown }) => shown.length === 501), { what: 'everybody to be online' });
    const died = Date.now();
    await dying.redis.close();
    expect(await statusAt(others[1], people[0])).toBe('online');
    await until(() => others.every(({ shown }) => shown.length === 1_001), { what: 'everybody to be offline' });
    const offline = others.flatMap(({ decided }) => decided).filter((each) => each.endsWith('offline'));
    expect(offline.toSorted()).toEqual(people.map((id) => `${id} offline`).toSorted());
    expect(await devicesAt(others[1])).toEqual({ laptop: 'online' });
    // And not when it was found.
    for (const { at } of others.flatMap(({ changes }) => changes)) expect(at.getTime()).toBeLessThan(died + 2_000);
    await closeAll(others);
    await dying.presence.close();
  });

  it('is handed over by a node that stops, and ended by the last one', async () => {
    const [leaving, staying] = (await openAll(redis.url)) as [OnRedis, OnRedis];
    connect(leaving, '1');
    await leaving.presence.settled();
    await until(() => staying.shown.length === 1, { what: 'the other node to show it' });
    await until(async () => (await operator.zcard(leaving.redis.names.presence.leases)) === 2, { what: 'both leases' });
    await leaving.close();
    expect(leaving.decided).toEqual(['alice online']);
    connect(staying, '2');
    await staying.presence.settled();
    connect(staying, '3', { userId: bob });
    await staying.presence.settled();
    await staying.close();
    expect(staying.decided.toSorted()).toEqual(['alice offline', 'bob offline', 'bob online']);
    expect(staying.shown.filter((each) => each.startsWith('alice'))).toEqual(['alice online', 'alice offline']);
  });

  it('is ended by the last of the nodes that stop at once, each person once', async () => {
    const nodes = (await openAll(redis.url)) as [OnRedis, OnRedis];
    connect(nodes[0], '1');
    connect(nodes[1], '2');
    connect(nodes[0], '3', { userId: bob });
    await until(() => nodes.every(({ shown }) => shown.length === 2), { what: 'both to be shown' });
    await closeAll(nodes);
    expect(nodes.flatMap(({ decided }) => decided).toSorted()).toEqual(['alice offline', 'alice online', 'bob offline', 'bob online']);
    expect(await operator.hlen(nodes[0].redis.names.presence.told)).toBe(0);
  });

  it('is registered again when Redis has lost everything, and nobody is told', async () => {
    const nodes = (await openAll(redis.url)) as [OnRedis, OnRedis];
    connect(nodes[0], '1');
    connect(nodes[1], '2', { userId: bob, sessionId: laptop });
    await until(() => nodes.every(({ shown }) => shown.length === 2), { what: 'both to be shown' });
    await operator.flushall();
    await until(async () => (await statusAt(nodes[1])) === 'online' && (await statusAt(nodes[0], bob)) === 'online', {
      what: 'both to be registered again',
    });
    nodes[0].presence.disconnected('1');
    await until(() => nodes.every(({ shown }) => shown.includes('alice offline')), { what: 'alice to be offline' });
    expect(nodes.flatMap(({ decided }) => decided).toSorted()).toEqual(['alice offline', 'alice online', 'bob online']);
    for (const { shown } of nodes) expect(shown).toHaveLength(3);
    await closeAll(nodes);
  });

  it('shows nobody as offline while a node takes its time to register its people again', async () => {
    const [there] = (await openAll(redis.url, 1)) as [OnRedis];
    const slow = openNode(redis.url, there.redis.secret);
    await slow.answered;
    let registers = Promise.resolve();
    const presence = createRedisPresence({
      client: {
        isUp: () => true,
        ask: (work) =>
          work({
            evalsha: async (sha: string, ...rest: [number, ...string[]]) => {
              if (sha === UPDATE.sha) await registers;
              return slow.commands.ask((commands) => commands.evalsha(sha, ...rest));
            },
          } as never),
      },
      names: slow.names,
      node: 'slow',
      log: { error: () => {}, warn: () => {}, info: () => {} },
      clock,
      onChanges: async (changes) => slow.bus.publish(changes.map(announcedOf)),
    });
    connect({ ...there, presence }, '1');
    await until(() => there.shown.length === 1, { what: 'alice to be shown' });
    const { promise, resolve } = Promise.withResolvers<void>();
    registers = promise;
    const { leases, told } = there.redis.names.presence;
    await operator.flushall();
    const longestLease = async () => Number((await operator.zrange(leases, '-1', '-1', 'WITHSCORES'))[1]);
    const begin = await until(longestLease, { what: 'a lease' });
    await until(async () => (await longestLease()) > begin + 4_000, { what: 'comparisons to be due' });
    expect(there.shown).toEqual(['alice online']);
    resolve();
    await until(async () => (await operator.hlen(told)) === 1, { what: 'alice to be registered' });
    expect(there.shown).toEqual(['alice online']);
    await presence.close();
    await closeAll([there]);
    await slow.close();
  });

  const outages = outagesOf(() => redis);
  it.each(['stopped', 'hung'] as const)('goes on by what was known while Redis is %s, and is right afterwards', async (how) => {
    const nodes = (await openAll(redis.url)) as [OnRedis, OnRedis];
    const [here, there] = nodes;
    connect(here, '1');
    connect(there, '2', { userId: bob });
    await until(() => nodes.every(({ shown }) => shown.length === 2), { what: 'both to be shown' });
    await outages[how].begin();
    await untilAll(
      nodes.map((node) => node.redis),
      'degraded',
    );
    // Of others what was known; of one's own what happens.
    expect(await statusAt(here, bob)).toBe('online');
    const carol = asId<'user'>('carol');
    connect(here, '3', { userId: carol });
    here.presence.disconnected('1');
    await until(() => here.shown.includes('alice offline') && here.shown.includes('carol online'), { what: 'the own changes' });
    expect(await statusAt(there)).toBe('online');
    await outages[how].end();
    await untilAll(
      nodes.map((node) => node.redis),
      'up',
    );
    await until(() => there.shown.includes('alice offline') && there.shown.includes('carol online'), { what: 'the changes of the other' });
    expect(await statusAt(there)).toBe('offline');
    expect(await statusAt(there, carol)).toBe('online');
    expect(await statusAt(here, bob)).toBe('online');
    for (const { presence } of nodes) await presence.settled();
    expect(nodes.flatMap(({ decided }) => decided).toSorted()).toEqual(['alice offline', 'alice online', 'bob online', 'carol online']);
    for (const { shown } of nodes) expect(shown.toSorted()).toEqual(['alice offline', 'alice online', 'bob online', 'carol online']);
    await closeAll(nodes);
  });

  it('is right after Redis came back with the data of a moment before', async () => {
    const kept = await startRedis();
    const nodes = (await openAll(kept.url)) as [OnRedis, OnRedis];
    const [here, there] = nodes;
    connect(here, '1');
    await until(() => nodes.every(({ shown }) => shown.includes('alice online')), { what: 'alice to be shown' });
    const snapshot = new Redis(kept.url);
    await snapshot.save();
    snapshot.disconnect();
    here.presence.disconnected('1');
    connect(here, '2', { userId: bob });
    await until(() => nodes.every(({ shown }) => shown.includes('alice offline') && shown.includes('bob online')), { what: 'the changes' });
    await kept.kill('SIGKILL');
    await untilAll(
      nodes.map((node) => node.redis),
      'degraded',
    );
    await kept.restart();
    await until(async () => (await statusAt(there)) === 'offline' && (await statusAt(there, bob)) === 'online', { what: 'what is true' });
    here.presence.disconnected('2');
    await until(() => there.shown.at(-1) === 'bob offline', { what: 'bob to be offline' });
    for (const { shown } of nodes) expect(shown.toSorted()).toEqual(['alice offline', 'alice online', 'bob offline', 'bob online']);
    await closeAll(nodes);
    await kept.stop();
  });

  it('tells the sockets of a node what it missed', async () => {
    const nodes = (await openAll(redis.url)) as [OnRedis, OnRedis];
    const [here, there] = nodes;
    connect(there, 'watching', { userId: bob });
    await until(() => here.shown.length === 1, { what: 'bob' });
    // The other node decided, and died before it could say so.
    await there.redis.commands.ask((client) => client.hset(there.redis.names.presence.told, `${account}:${alice}`, 'o'));
    await there.redis.commands.ask((client) =>
      client.hset(`${there.redis.names.presence.run}lost`, `${account}:${alice}`, 'oo:mobile:phone'),
    );
    await there.redis.commands.ask((client) => client.zadd(there.redis.names.presence.leases, Date.now() + 60_000, 'lost'));
    await until(() => there.shown.includes('alice online'), { what: 'what was missed' });
    // Nobody is connected to the other who could be told.
    expect(here.shown).toEqual(['bob online']);
    expect(nodes.flatMap(({ decided }) => decided)).toEqual(['bob online']);
    await closeAll(nodes);
  });

  it('ignores a change that is older than one that is known', async () => {
    const [node] = (await openAll(redis.url, 1)) as [OnRedis];
    const device = { id: asId<'session'>('phone'), type: 'mobile', status: 'online' } as const;
    const change = { account, userId: alice, at: new Date() };
    node.redis.here.publish([announcedOf({ ...change, devices: [device], order: 5 })]);
    node.redis.here.publish([announcedOf({ ...change, devices: [], order: 4 })]);
    expect(node.shown).toEqual(['alice online']);
    node.redis.here.publish([announcedOf({ ...change, devices: [], order: 6 })]);
    expect(node.shown).toEqual(['alice online', 'alice offline']);
    expect(node.heard).toEqual(node.shown);
    await node.close();
  });
});
