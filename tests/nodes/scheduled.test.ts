import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Payload } from '../support/event-log.ts';
import { atNode, expectStatus, openGroup, type Person, signUp } from '../support/people.ts';
import { type SpawnedNodes, spawnNodes } from '../support/spawned-nodes.ts';
import { until } from '../support/until.ts';

/** Scheduled messages while two server processes share a database. */

const GROUPS = 8;
const EACH = 10;

let cluster: SpawnedNodes;
beforeAll(async () => {
  cluster = await spawnNodes({ env: { LIMIT_REST: 'off', LIMIT_USER_MESSAGES: 'off', LIMIT_CONVERSATION_MESSAGES: 'off' } });
});
afterAll(() => cluster?.stop());

const messagesOf = async ({ http }: Person, groups: readonly Payload[]): Promise<Payload[]> => {
  const pages = groups.map(({ id }) => http.call('GET', `/api/v1/conversations/${id}/messages?limit=100`));
  return (await Promise.all(pages)).flatMap((page) => expectStatus(page, 200).items);
};

it('are sent within a second or so, and once though one is killed while they are sent', async () => {
  const [first, second] = cluster.nodes;
  const alice = await signUp(first.url);
  const survivor = atNode(alice, second.url);
  const groups = await Promise.all(Array.from({ length: GROUPS }, () => openGroup(alice)));
  const all = groups.flatMap(({ id }, group) => Array.from({ length: EACH }, (_, at) => ({ id, content: `${group}:${at}` })));
  const sendAt = new Date(Date.now() + 5_000).toISOString();
  const scheduled = all.map(({ id, content }) =>
    alice.http.call('POST', `/api/v1/conversations/${id}/scheduled-messages`, { content, sendAt }),
  );
  for (const answer of await Promise.all(scheduled)) expectStatus(answer, 201);

  const begun = await until(
    async () => {
      const sent = await messagesOf(survivor, groups);
      return sent.length > 0 && sent;
    },
    { what: 'the first message' },
  );
  await first.kill('SIGKILL');
  const delays = begun.map(({ createdAt }) => Date.parse(createdAt) - Date.parse(sendAt));
  expect(Math.min(...delays)).toBeGreaterThanOrEqual(0);
  expect(Math.min(...delays)).toBeLessThan(3_000);

  const listed = async () => expectStatus(await survivor.http.call('GET', '/api/v1/scheduled-messages?limit=100'), 200).items.length === 0;
  await until(listed, { what: 'all to be sent', timeoutMs: 30_000 });
  const contents = (await messagesOf(survivor, groups)).map(({ content }) => content);
  expect(contents.toSorted()).toEqual(all.map(({ content }) => content).toSorted());
});
