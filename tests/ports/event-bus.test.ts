import { createEnvelopes } from '@coucou/redis/envelope';
import { createNames } from '@coucou/redis/names';
import { createEventBus } from '@coucou/runtime/event-bus';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { redisUrl } from '../support/database.ts';
import type { Instance } from '../support/instance.ts';
import { startRedis } from '../support/services.ts';
import { until } from '../support/until.ts';
import { busSuite, eventOf, hear } from './event-bus.suite.ts';
import { newSecret, openNode, openNodes, type RedisNode, untilStatus } from './nodes.ts';

const closeAll = (nodes: readonly RedisNode[]) => Promise.all(nodes.map((node) => node.close()));

busSuite('in process', async () => {
  const bus = createEventBus({ error: () => {} });
  return { from: bus, to: bus, close: async () => {} };
});

busSuite('on Redis, one node', async () => {
  const [node] = (await openNodes(redisUrl(), 1)) as [RedisNode];
  return { from: node.bus, to: node.bus, close: () => node.close() };
});

busSuite('on Redis, from node to node', async () => {
  const nodes = (await openNodes(redisUrl())) as [RedisNode, RedisNode];
  return { from: nodes[0].bus, to: nodes[1].bus, close: async () => void (await closeAll(nodes)) };
});

describe('nodes on one Redis', () => {
  it('hear each other, each event once, and run the consequences of their own alone', async () => {
    const nodes = await openNodes(redisUrl(), 3);
    const heard = nodes.map(({ bus }) => hear(bus));
    const own = nodes.map((node) => hear(node.own));
    for (const [at, { bus }] of nodes.entries()) for (let each = 0; each < 100; each += 1) bus.publish([eventOf(`${at}-${each}`)]);
    await until(() => heard.every((types) => types.length >= 300), { what: 'all events on all nodes' });
    for (const types of heard) {
      expect(new Set(types).size).toBe(types.length);
      for (const at of nodes.keys())
        expect(types.filter((type) => type.startsWith(`${at}-`))).toEqual(Array.from({ length: 100 }, (_, each) => `${at}-${each}`));
    }
    expect(own.map((types) => types.length)).toEqual([100, 100, 100]);
    await closeAll(nodes);
  });

  it('send what is announced in one turn as one envelope', async () => {
    const [node] = (await openNodes(redisUrl(), 1)) as [RedisNode];
    const watching = new Redis(redisUrl());
    const { channel } = node.names;
    let envelopes = 0;
    watching.on('messageBuffer', () => void (envelopes += 1));
    await watching.subscribe(channel);
    for (let at = 0; at < 200; at += 1) node.bus.publish([eventOf('one')]);
    await node.bus.settled();
    await until(() => envelopes > 0, { what: 'an envelope' });
    expect([envelopes, node.counts().published]).toEqual([1, 200]);
    watching.disconnect();
    await node.close();
  });

  it('lose an event that cannot be written, and no other', async () => {
    const nodes = (await openNodes(redisUrl())) as [RedisNode, RedisNode];
    const heard = hear(nodes[1].bus);
    const fail = () => {
      throw new Error('no presenter');
    };
    let recovered = 0;
    nodes[0].bus.publish([eventOf('known')]);
    await until(() => heard.length === 1, { what: 'the first event' });
    nodes[1].bus.onRecovered(() => void (recovered += 1));
    nodes[0].bus.publish([
      eventOf('before'),
      eventOf('broken', fail),
      eventOf('after'),
      eventOf('huge', () => ({ text: 'x'.repeat(9_000_000) })),
    ]);
    nodes[0].bus.publish([eventOf('last')]);
    await until(() => heard.at(-1) === 'last', { what: 'the last event' });
    expect(heard).toEqual(['known', 'before', 'after', 'last']);
    expect(nodes[0].counts().lost).toBe(2);
    await until(() => recovered > 0, { what: 'the gap to be noticed' });
    await closeAll(nodes);
  });
});

describe('what others publish on the channel', () => {
  let nodes: [RedisNode, RedisNode];
  let stranger: Redis;
  const secret = newSecret();
  beforeAll(async () => {
    nodes = [openNode(redisUrl(), secret), openNode(redisUrl(), secret)];
    await Promise.all(nodes.map(({ answered }) => answered));
    stranger = new Redis(redisUrl());
  });
  afterAll(async () => {
    await closeAll(nodes);
    stranger.disconnect();
  });

  /** What a node hears of this, before an event of a real node that comes after it. */
  async function heardOf(...messages: readonly (Buffer | string)[]): Promise<string[]> {
    const heard = hear(nodes[1].bus);
    for (const message of messages) await stranger.publish(nodes[0].names.channel, message);
    nodes[0].bus.publish([eventOf('real')]);
    await until(() => heard.includes('real'), { what: 'the real event' });
    return heard.filter((type) => type !== 'real');
  }
  const body = (type: string) => JSON.stringify([{ type, account: 'a', durable: false, tellings: [] }]);

  it.each([
    ['nothing', ['']],
    ['text', ['hello', body('plain'), 'x'.repeat(100_000)]],
    ['bytes', [Buffer.alloc(54), Buffer.alloc(55, 1), Buffer.alloc(200, 255)]],
    ['an envelope sealed with another secret', [createEnvelopes(newSecret()).seal(body('foreign'))]],
    ['a sealed envelope of a newer version', [Buffer.concat([Buffer.of(3), createEnvelopes(secret).seal(body('newer')).subarray(1)])]],
  ])('changes nothing: %s', async (_, messages) => {
    const before = nodes[1].counts().ignored ?? 0;
    expect(await heardOf(...messages)).toEqual([]);
    expect(nodes[1].counts().ignored).toBe(before + messages.length);
  });

  it('changes nothing when one byte of a real envelope was changed, whichever it is', async () => {
    const real = createEnvelopes(secret).seal(body('tampered'));
    const tampered = Array.from(real.keys(), (at) => {
      const copy = Buffer.from(real);
      copy[at] = (copy[at] ?? 0) ^ 1;
      return copy;
    });
    expect(await heardOf(...tampered)).toEqual([]);
  });

  it('changes nothing when it is recorded and sent again', async () => {
    const recorded: Buffer[] = [];
    const recorder = new Redis(redisUrl());
    recorder.on('messageBuffer', (_channel: Buffer, bytes: Buffer) => void recorded.push(bytes));
    await recorder.subscribe(nodes[0].names.channel);
    expect(await heardOf()).toEqual([]);
    await until(() => recorded.length > 0, { what: 'the recording' });
    recorder.disconnect();
    const heard = hear(nodes[1].bus);
    await heardOf(...recorded, ...recorded);
    expect(heard).toEqual(['real']);
  });

  it('is read from a real node, sealed, in an unknown format inside: ignored without an end', async () => {
    const envelopes = createEnvelopes(secret);
    expect(await heardOf(envelopes.seal('{'), envelopes.seal('{}'), envelopes.seal('[{}]'), envelopes.seal(body('fine')))).toEqual([
      'fine',
    ]);
  });

  it('is not on the channel of another deployment on the same Redis', () => {
    expect(createNames(secret).channel).toBe(nodes[0].names.channel);
    expect(createNames(newSecret()).channel).not.toBe(nodes[0].names.channel);
  });

  it('is told to the log once, not each time', () => {
    expect(nodes[1].lines.filter(({ message }) => message.startsWith('ignored')).length).toBe(1);
  });
});

describe('an outage of Redis', () => {
  let redis: Instance;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterEach(() => redis.kill('SIGCONT'));
  afterAll(() => redis.stop());

  const say = (node: RedisNode, level: string) => node.lines.filter((line) => line.level === level).map(({ message }) => message);

  it.each([
    ['stopped', () => redis.kill('SIGKILL'), () => redis.restart()],
    ['hung', () => redis.kill('SIGSTOP'), () => redis.kill('SIGCONT')],
  ])('leaves each node its own events, and all of them when it is over: %s', async (_, away, back) => {
    const nodes = (await openNodes(redis.url)) as [RedisNode, RedisNode];
    const heard = nodes.map(({ bus }) => hear(bus));
    let recovered = 0;
    nodes[0].bus.publish([eventOf('before')]);
    await until(() => heard[1]?.includes('before'), { what: 'the event before' });
    await until(() => nodes.every((node) => node.commands.isUp()), { what: 'the connections' });
    await away();
    await Promise.all(nodes.map((node) => untilStatus(node, 'degraded')));
    nodes[1].bus.onRecovered(() => void (recovered += 1));
    // Nobody waits, and nothing is thrown.
    for (let at = 0; at < 1_000; at += 1) nodes[0].bus.publish([eventOf(`during-${at}`)]);
    expect(heard[0]?.length).toBe(1_001);
    await nodes[0].bus.settled();
    await back();
    await Promise.all(nodes.map((node) => untilStatus(node, 'up')));
    await until(() => recovered > 0, { what: 'the node to be told' });
    nodes[0].bus.publish([eventOf('after')]);
    await until(() => heard[1]?.at(-1) === 'after', { what: 'the event after' });
    expect(heard[1]?.filter((type) => type.startsWith('during')).length).toBe(1_000 - (nodes[0].counts().lost ?? 0));
    for (const node of nodes) {
      expect(say(node, 'error')).toEqual([expect.stringMatching(/^Redis is away: /)]);
      expect(say(node, 'info')).toEqual(['Redis answers again']);
    }
    await closeAll(nodes);
  });

  it.each([
    ['after it was heard', ['before']],
    ['before it was ever heard', []],
  ])('is noticed by the others when it was the publisher alone that lost its connection: %s', async (_, before) => {
    const nodes = (await openNodes(redis.url)) as [RedisNode, RedisNode];
    const heard = hear(nodes[1].bus);
    nodes[0].bus.publish(before.map((type) => eventOf(type)));
    await until(() => heard.length === before.length, { what: 'the event before' });
    let recovered = 0;
    const operator = new Redis(redis.url);
    const id = await nodes[0].commands.ask((client) => client.client('ID'));
    await operator.client('KILL', 'ID', String(id));
    await until(() => !nodes[0].commands.isUp(), { what: 'the connection to be lost' });
    nodes[1].bus.onRecovered(() => void (recovered += 1));
    // The only event, after which the publisher is quiet.
    nodes[0].bus.publish([eventOf('lost')]);
    await nodes[0].bus.settled();
    await until(() => recovered > 0, { what: 'the others to notice the gap' });
    expect(heard).toEqual(before);
    operator.disconnect();
    await closeAll(nodes);
  });

  it('at the start is waited for by nobody, and ends', async () => {
    await redis.kill('SIGKILL');
    const secret = newSecret();
    const nodes = [openNode(redis.url, secret), openNode(redis.url, secret)] as const;
    const heard = hear(nodes[1].bus);
    nodes[0].bus.publish([eventOf('lost')]);
    await nodes[0].bus.settled();
    expect(await nodes[0].health.check()).toMatchObject({ status: 'degraded' });
    await redis.restart();
    await Promise.all(nodes.map((node) => untilStatus(node, 'up')));
    nodes[0].bus.publish([eventOf('heard')]);
    await until(() => heard.includes('heard'), { what: 'the event' });
    await closeAll(nodes);
  });

  it('does not keep a node from closing', async () => {
    const nodes = await openNodes(redis.url);
    await redis.kill('SIGSTOP');
    for (const { bus } of nodes) bus.publish([eventOf('lost')]);
    await expect(closeAll(nodes)).resolves.toHaveLength(2);
    await redis.kill('SIGCONT');
  });
});
