import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dataOf, type SocketClient, socketIoClient } from '../support/clients.ts';
import { findHaproxy, startHaproxy } from '../support/haproxy.ts';
import { atNode, expectStatus, openGroup, type Person, signUpAll } from '../support/people.ts';
import { type SpawnedNodes, spawnNodes } from '../support/spawned-nodes.ts';
import { until } from '../support/until.ts';

const binaries = findHaproxy();
if (binaries === undefined) console.log('NOT RUN: three nodes behind a load balancer (Debian: apt-get install haproxy)');

type Proxy = Awaited<ReturnType<typeof startHaproxy>>;

/** Everybody comes through the load balancer, which knows nothing of them. */
describe.runIf(binaries !== undefined)('three nodes behind haproxy', () => {
  let cluster: SpawnedNodes;
  let proxies: Readonly<{ any: Proxy; sticky: Proxy }>;
  let people: Record<'alice' | 'bob' | 'carol', Person>;
  let conversationId: string;
  beforeAll(async () => {
    cluster = await spawnNodes({ nodes: 3, env: { TRUST_PROXY: '127.0.0.1' } });
    const nodes = cluster.nodes.map(({ url }) => url);
    const start = (isSticky: boolean) => startHaproxy({ binaries: binaries ?? '', nodes, isSticky });
    proxies = { any: await start(false), sticky: await start(true) };
    people = await signUpAll(proxies.any.url, 'alice', 'bob', 'carol');
    ({ id: conversationId } = await openGroup(people.alice, [people.bob, people.carol]));
  });
  afterAll(async () => {
    await proxies?.any.stop();
    await proxies?.sticky.stop();
    await cluster?.stop();
  });

  const everybody = () => Object.values(people);
  /** Each says a word, and each hears all of them, in one order. */
  async function sayAndHear(sockets: readonly SocketClient[], round: string): Promise<void> {
    const words = sockets.map((_, at) => `${round} ${at}`);
    await Promise.all(
      sockets.map(async (socket, at) =>
        dataOf(await socket.call('message:send', { conversationId, content: words[at], clientMessageId: randomUUID() })),
      ),
    );
    const orders = await Promise.all(
      sockets.map(async ({ events }) => {
        for (const word of words) await events.next('message:new', ({ message }) => message.content === word);
        return events
          .of('message:new')
          .filter(({ message }) => words.includes(message.content))
          .toSorted((one, other) => one.message.seq - other.message.seq)
          .map(({ message }) => `${message.seq} ${message.content}`);
      }),
    );
    expect(new Set(orders.map((order) => order.join())).size).toBe(1);
    expect(orders[0]?.length).toBe(words.length);
  }

  it('serve anybody at any node, over HTTP and both kinds of WebSocket, without sticky sessions', async () => {
    const answers = await Promise.all(Array.from({ length: 6 }, () => people.alice.http.call('GET', '/api/v1/conversations')));
    expect(new Set(answers.map((answer) => (expectStatus(answer, 200), answer.headers.get('x-node')))).size).toBe(3);
    const sockets = everybody().flatMap((person) => [person.socket('socket.io'), person.socket('websocket')]);
    for (const socket of sockets) await socket.connect();
    await sayAndHear(sockets, 'without cookies');
    for (const socket of sockets) await socket.close();
  });

  it('serve long polling with sticky sessions', async () => {
    const sockets = everybody().map(({ accessToken: token }) => socketIoClient(proxies.sticky.url, { token, transports: ['polling'] }));
    for (const socket of sockets) await socket.connect();
    expect(sockets.map(({ socket }) => socket.io.engine.transport.name)).toEqual(['polling', 'polling', 'polling']);
    await sayAndHear(sockets, 'with cookies');
    for (const socket of sockets) await socket.close();
  });

  it('take over the clients of a node that is killed, and lose nothing', async () => {
    const { alice, bob } = people;
    const [first, ...others] = cluster.nodes;
    const reader = atNode(bob, first.url).socket('websocket');
    await reader.connect();
    const before = expectStatus(
      await alice.http.call('POST', `/api/v1/conversations/${conversationId}/messages`, { content: 'before' }),
      201,
    );
    await reader.events.next('message:new', ({ message }) => message.seq === before.seq);
    await first.kill('SIGKILL');
    await reader.closed;
    // The load balancer notices by itself.
    await until(async () => (await alice.http.call('GET', '/health/live')).headers.get('x-node') !== 'node-1', {
      what: 'haproxy to notice',
    });
    const missed = expectStatus(
      await atNode(alice, others[0]?.url ?? '').http.call('POST', `/api/v1/conversations/${conversationId}/messages`, {
        content: 'missed',
      }),
      201,
    );
    const again = bob.socket('websocket');
    await until(
      async () => {
        try {
          return await again.connect();
        } catch {
          return undefined;
        }
      },
      { what: 'a node that takes the client over' },
    );
    const { conversations } = dataOf(await again.call('sync', { conversations: { [conversationId]: { version: before.version } } }));
    expect(conversations[0].messages).toMatchObject([{ content: 'missed', seq: missed.seq }]);
    await again.close();
  });
});
