import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dataOf, type SocketClient } from '../support/clients.ts';
import type { Payload } from '../support/event-log.ts';
import { atNode, expectStatus, openDirect, openGroup, type Person, signUpAll } from '../support/people.ts';
import { type SpawnedNodes, spawnNodes } from '../support/spawned-nodes.ts';
import { until } from '../support/until.ts';

/** Alice at one node and bob at the other, on one database and one Redis. */
describe('two nodes', () => {
  let cluster: SpawnedNodes;
  let alice: Person;
  let bob: Person;
  let conversationId: string;
  let sockets: Record<'alice' | 'bob', SocketClient>;
  beforeAll(async () => {
    cluster = await spawnNodes();
    const [here, there] = cluster.nodes;
    const people = await signUpAll(here.url, 'alice', 'bob');
    alice = people.alice;
    bob = atNode(people.bob, there.url);
    ({ id: conversationId } = await openDirect(alice, bob));
    sockets = { alice: alice.socket('socket.io'), bob: bob.socket('websocket') };
    for (const socket of Object.values(sockets)) await socket.connect();
  });
  afterAll(async () => {
    for (const socket of Object.values(sockets ?? {})) await socket.close();
    await cluster?.stop();
  });

  const send = async (from: SocketClient, content: string): Promise<Payload> =>
    dataOf(await from.call('message:send', { conversationId, content, clientMessageId: randomUUID() }));
  const has =
    (content: string) =>
    ({ message }: Payload) =>
      message.content === content;

  const statusOf = async (person: Person) => (await person.http.call('GET', '/health/ready')).body;
  const untilRedisIs = (status: string) =>
    until(async () => (await Promise.all([statusOf(alice), statusOf(bob)])).every(({ checks }) => checks.redis.status === status), {
      what: `Redis to be ${status}`,
    });

  async function reachEachOther(word: string): Promise<void> {
    await send(sockets.alice, `${word} from alice`);
    await sockets.bob.events.next('message:new', has(`${word} from alice`));
    await send(sockets.bob, `${word} from bob`);
    await sockets.alice.events.next('message:new', has(`${word} from bob`));
  }

  it('deliver each other’s messages, each once', async () => {
    await reachEachOther('hello');
    for (const { events } of Object.values(sockets)) expect(events.of('message:new').filter(has('hello from alice')).length).toBe(1);
  });

  it('tell somebody of a conversation that another node made, and deliver in it at once', async () => {
    const { carol } = await signUpAll(cluster.nodes[0].url, 'carol');
    const { id } = await openDirect(carol, bob);
    await sockets.bob.events.next('conversation:new', ({ conversation }) => conversation.id === id);
    expectStatus(await carol.http.call('POST', `/api/v1/conversations/${id}/messages`, { content: 'hello, bob' }), 201);
    await sockets.bob.events.next('message:new', has('hello, bob'));
  });

  it('count guesses together', async () => {
    const [here, there] = cluster.nodes;
    const { dan } = await signUpAll(here.url, 'dan');
    const guesses = Array.from({ length: 30 }, (_, at) =>
      atNode(dan, at % 2 === 0 ? here.url : there.url).http.call('GET', `/api/v1/invites/wrong${at}wrong${at}`),
    );
    const codes = (await Promise.all(guesses)).map(({ body }) => body.code);
    expect(codes.filter((code) => code === 'INVITE_NOT_FOUND').length).toBe(20);
    expect(codes.filter((code) => code === 'RATE_LIMITED').length).toBe(10);
  });

  it.each([
    ['killed and replaced by an empty one', () => cluster.redis.kill('SIGKILL'), () => cluster.redis.restart()],
    ['hung', () => cluster.redis.kill('SIGSTOP'), () => cluster.redis.kill('SIGCONT')],
  ])('live on while Redis is %s, catch up afterwards, and deliver again', async (word, away, back) => {
    await away();
    await untilRedisIs('degraded');
    expect(await statusOf(alice)).toMatchObject({ status: 'degraded', checks: { database: { status: 'up' } } });
    const { version } = await send(sockets.alice, `${word}: lost on the way`);
    // Delivered on its own node; found by sync at the other.
    await sockets.alice.events.next('message:new', has(`${word}: lost on the way`));
    const { conversations } = dataOf(await sockets.bob.call('sync', { conversations: { [conversationId]: { version: version - 1 } } }));
    expect(conversations).toMatchObject([{ messages: [{ content: `${word}: lost on the way` }] }]);
    await back();
    await untilRedisIs('up');
    // Bob’s node was told of the gap, looks at the database, and says which conversation stands where.
    await sockets.bob.events.next('heads', ({ conversations: heads }) =>
      heads.some(([id, at]: [string, number]) => id === conversationId && at >= version),
    );
    await reachEachOther(word);
    expect(sockets.bob.events.of('message:new').filter(has(`${word}: lost on the way`))).toEqual([]);
  });

  it('end what somebody types at one node by what they send, or stop, at the other', async () => {
    const elsewhere = atNode(alice, cluster.nodes[1].url);
    const hears = (isTyping: boolean) =>
      sockets.bob.events.next('typing', (typed) => typed.conversationId === conversationId && typed.isTyping === isTyping);
    const type = async (from: SocketClient, isTyping: boolean) => dataOf(await from.call('typing', { conversationId, isTyping }));
    await type(sockets.alice, true);
    await hears(true);
    expectStatus(await elsewhere.http.call('POST', `/api/v1/conversations/${conversationId}/messages`, { content: 'typed' }), 201);
    await hears(false);
    const second = elsewhere.socket('websocket');
    await second.connect();
    await until(
      async () => {
        await type(sockets.alice, true);
        return sockets.bob.events.of('typing').at(-1)?.isTyping === true;
      },
      { what: 'alice to type again' },
    );
    await hears(true);
    await type(second, false);
    await hears(false);
    await second.close();
  });

  it('tell somebody who is removed at one node nothing more at the other, while Redis is stopped', async () => {
    const [here, there] = cluster.nodes;
    const { carol, dan } = await signUpAll(here.url, 'carol', 'dan');
    const [typist, reader] = [atNode(carol, there.url), atNode(dan, there.url)];
    const { id } = await openGroup(alice, [bob, typist, reader]);
    const [writing, reading] = [typist.socket('socket.io'), reader.socket('websocket')];
    for (const socket of [writing, reading]) await socket.connect();
    expectStatus(await alice.http.call('POST', `/api/v1/conversations/${id}/messages`, { content: 'before' }), 201);
    for (const { events } of [sockets.bob, writing, reading]) await events.next('message:new', has('before'));
    await cluster.redis.kill('SIGKILL');
    await untilRedisIs('degraded');
    expectStatus(await alice.http.call('DELETE', `/api/v1/conversations/${id}/members/${bob.id}`), 204);
    // Carol’s node drops what it may not deliver to a room that it knows to be old; once it has asked who is left, dan hears of her.
    const ofCarol = ({ conversationId: of, userId }: Payload) => of === id && userId === carol.id;
    const typed = (of: SocketClient) => of.events.of('typing').filter(ofCarol).length;
    const heardBefore = typed(reading);
    await until(
      async () => {
        for (const isTyping of [true, false]) dataOf(await writing.call('typing', { conversationId: id, isTyping }));
        return typed(reading) > heardBefore;
      },
      { what: 'the other node to know who is left' },
    );
    const heardByBob = sockets.bob.events.all.length;
    dataOf(await writing.call('message:ack', { items: [{ conversationId: id, readSeq: 1 }] }));
    dataOf(await writing.call('typing', { conversationId: id, isTyping: true }));
    await reading.events.next('typing', (payload) => ofCarol(payload) && payload.isTyping);
    // Answered after whatever was sent before it.
    dataOf(await sockets.bob.call('sync', { conversations: {} }));
    const later = sockets.bob.events.all.slice(heardByBob).filter(({ payload }) => JSON.stringify(payload).includes(id));
    expect(later).toEqual([]);
    await cluster.redis.restart();
    await untilRedisIs('up');
    for (const socket of [writing, reading]) await socket.close();
  });

  it('say of an outage one line when it begins, and one when it is over', () => {
    for (const node of cluster.nodes) {
      const lines = node.logs().filter(({ msg }: Payload) => /^Redis (is away|answers)/.test(String(msg)));
      expect(lines.map(({ level, msg }: Payload) => `${level}: ${msg.slice(0, 19)}`)).toEqual([
        'error: Redis is away: unti',
        'info: Redis answers again',
        'error: Redis is away: unti',
        'info: Redis answers again',
        'error: Redis is away: unti',
        'info: Redis answers again',
      ]);
      expect(node.logs().filter(({ level }: Payload) => level === 'fatal')).toEqual([]);
    }
  });
});
