import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { dataOf, type SocketClient } from '../support/clients.ts';
import { emptyRedis } from '../support/nodes-redis.ts';
import { atNode, expectStatus, openDirect, openGroup, type Person, signUpAll } from '../support/people.ts';
import { type SpawnedNodes, spawnNodes } from '../support/spawned-nodes.ts';
import { until } from '../support/until.ts';

/** Alice comes and goes at two nodes; bob, whom she talks to, is connected to the second. */

let cluster: SpawnedNodes;
let alice: Person;
let bob: Person;
let atBob: SocketClient;
const open: SocketClient[] = [];
beforeAll(async () => {
  cluster = await spawnNodes();
});
afterAll(() => cluster?.stop());
beforeEach(async () => {
  for (const socket of open.splice(0)) await socket.close();
  const [, there] = cluster.nodes;
  const people = await signUpAll(there.url, 'alice', 'bob');
  alice = people.alice;
  bob = people.bob;
  await openDirect(alice, bob);
  atBob = await connected(bob, 1);
});

async function connected(person: Person, node: 0 | 1): Promise<SocketClient> {
  const socket = atNode(person, cluster.nodes[node].url).socket(node === 0 ? 'websocket' : 'socket.io');
  open.push(socket);
  await socket.connect();
  return socket;
}

/** What somebody was told of alice, in order. */
const told = (socket: SocketClient): string[] =>
  socket.events
    .of('presence:changed')
    .filter(({ userId }) => userId === alice.id)
    .map(({ status }) => status);
const isTold = (status: string, socket = atBob) =>
  socket.events.next('presence:changed', (payload) => payload.userId === alice.id && payload.status === status);
const statusFor = async (person: Person, node: 0 | 1): Promise<string> =>
  expectStatus(await atNode(person, cluster.nodes[node].url).http.call('GET', `/api/v1/users/${alice.id}/presence`), 200).status;
/** The presence log of alice, once it has so many entries; the newest last. */
const logged = (count: number): Promise<string[]> =>
  until(
    async () => {
      const { items } = expectStatus(await alice.http.call('GET', `/api/v1/users/${alice.id}/presence-history`), 200);
      return items.length >= count && items.map(({ status }: { status: string }) => status).toReversed();
    },
    { what: 'the presence log' },
  );

describe('presence on two nodes', () => {
  it('is told once, whichever node somebody comes to, moves to and leaves', async () => {
    const first = await connected(alice, 0);
    await isTold('online');
    expect([await statusFor(bob, 0), await statusFor(bob, 1)]).toEqual(['online', 'online']);
    await first.close();
    const second = await connected(alice, 1);
    await second.call('presence:set', { status: 'away' });
    // Once the grace of the first is over.
    await isTold('away');
    await second.close();
    expect(await isTold('offline')).toMatchObject({ lastSeenAt: expect.any(String) });
    expect(told(atBob)).toEqual(['online', 'away', 'offline']);
    expect(await logged(3)).toEqual(['online', 'away', 'offline']);
    expect(await statusFor(bob, 0)).toBe('offline');
  });

  it('is told to those who asked at another node, and never across a block', async () => {
    const { carol, dan } = await signUpAll(cluster.nodes[0].url, 'carol', 'dan');
    await openGroup(bob, [alice, carol, dan]);
    const [atCarol, atDan] = [await connected(carol, 1), await connected(dan, 1)];
    for (const socket of [atCarol, atDan])
      expect(dataOf(await socket.call('presence:get', { userIds: [alice.id] })).items).toMatchObject([{ status: 'offline' }]);
    expectStatus(await dan.http.call('PUT', `/api/v1/blocks/${alice.id}`), 204);
    const socket = await connected(alice, 0);
    await isTold('online', atCarol);
    await socket.call('presence:set', { status: 'away' });
    await isTold('away', atCarol);
    expect(dataOf(await atCarol.call('presence:get', { userIds: [alice.id, bob.id] })).items).toMatchObject([
      { userId: alice.id, status: 'away' },
      { userId: bob.id, status: 'online' },
    ]);
    expect([told(atCarol), told(atDan)]).toEqual([['online', 'away'], []]);
  });

  it('is registered again in a Redis that was emptied, and nobody is told', async () => {
    await connected(alice, 0);
    await isTold('online');
    await emptyRedis(cluster.redis);
    await until(async () => (await statusFor(bob, 1)) === 'online', { what: 'alice to be registered again' });
    const socket = await connected(alice, 1);
    await socket.call('presence:set', { status: 'away' });
    expect(dataOf(await socket.call('presence:get', { userIds: [alice.id] })).items).toMatchObject([{ status: 'online' }]);
    expect(told(atBob)).toEqual(['online']);
  });

  it('ends for the people of a node that is paused, and is told again when that is back', async () => {
    await connected(alice, 0);
    await isTold('online');
    await logged(1);
    await cluster.nodes[0].kill('SIGSTOP');
    try {
      await isTold('offline');
      expect(await statusFor(bob, 1)).toBe('offline');
    } finally {
      await cluster.nodes[0].kill('SIGCONT');
    }
    await isTold('online');
    expect(await logged(3)).toEqual(['online', 'offline', 'online']);
    expect(told(atBob)).toEqual(['online', 'offline', 'online']);
  });

  it('ends for the people of a node that is killed, but not of those who come to another', async () => {
    const { carol } = await signUpAll(cluster.nodes[1].url, 'carol');
    await openDirect(carol, bob);
    await connected(alice, 0);
    await connected(carol, 0);
    await isTold('online');
    await atBob.events.next('presence:changed', ({ userId }) => userId === carol.id);
    await logged(1);
    const killedAt = performance.now();
    await cluster.nodes[0].kill('SIGKILL');
    await connected(carol, 1);
    const { lastSeenAt } = await isTold('offline');
    const tookMs = Math.round(performance.now() - killedAt);
    expect(Date.parse(lastSeenAt)).toBeLessThan(Date.now() - LEAST_MS);
    expect(await logged(2)).toEqual(['online', 'offline']);
    expect(await statusFor(bob, 1)).toBe('offline');
    expect(atBob.events.of('presence:changed').filter(({ userId }) => userId === carol.id)).toMatchObject([{ status: 'online' }]);
    console.info(`presence was right ${tookMs} ms after a node was killed`);
    await cluster.nodes[0].restart();
  });
});

/** Of the lease and its grace. */
const LEAST_MS = 3_000;
