import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dataOf } from '../support/clients.ts';
import type { Payload } from '../support/event-log.ts';
import { atNode, expectStatus, openDirect, signUpAll } from '../support/people.ts';
import { type SpawnedNodes, spawnNodes } from '../support/spawned-nodes.ts';

let cluster: SpawnedNodes;
beforeAll(async () => {
  cluster = await spawnNodes({ redis: false });
});
afterAll(() => cluster.stop());

describe('two nodes on one database without Redis', () => {
  it('say at their start that they are for trials', () => {
    for (const node of cluster.nodes) {
      const warnings = node.logs().filter(({ level }: Payload) => level === 'warn');
      expect(warnings.map(({ msg }: Payload) => msg)).toContainEqual(expect.stringMatching(/^MULTI_NODE=preview is for trials only/));
    }
  });

  it('accept the same people, who find at the one by sync what was sent at the other', async () => {
    const [here, there] = cluster.nodes;
    const { alice, bob } = await signUpAll(here.url, 'alice', 'bob');
    const { id } = await openDirect(alice, bob);
    const socket = atNode(bob, there.url).socket('websocket');
    await socket.connect();
    const { version }: { version: number } = expectStatus(
      await alice.http.call('POST', `/api/v1/conversations/${id}/messages`, { content: 'hello' }),
      201,
    );
    const { conversations } = dataOf(await socket.call('sync', { conversations: { [id]: { version: version - 1 } } }));
    expect(conversations).toMatchObject([{ id, messages: [{ content: 'hello', senderId: alice.id }] }]);
    await socket.close();
  });
});
