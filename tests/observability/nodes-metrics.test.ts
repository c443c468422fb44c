import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { atNode, expectStatus, signUp } from '../support/people.ts';
import { type SpawnedNodes, spawnNodes } from '../support/spawned-nodes.ts';
import { until } from '../support/until.ts';
import { scrape } from './scrape.ts';

let running: SpawnedNodes;
beforeAll(async () => {
  running = await spawnNodes({ env: { METRICS_PORT: '0' } });
});
afterAll(() => running?.stop());

const read = (node: 0 | 1) => scrape(running.nodes[node].logs().find(({ msg }) => msg === 'ready').metricsUrl);
const memory = async () => (await read(0)).samples.filter(({ name }) => name === 'coucou_redis_memory_bytes');

it('measures the lag of events between nodes, and the memory of Redis', async () => {
  const [one, other] = running.nodes;
  const alice = await signUp(one.url);
  const bob = await signUp(one.url);
  const { id } = expectStatus(await alice.http.call('POST', '/api/v1/conversations', { type: 'direct', userId: bob.id }), 201);
  const socket = atNode(bob, other.url).socket('websocket');
  await socket.connect();
  const before = (await read(1)).sum('coucou_delivery_lag_seconds_count');
  const body = { clientMessageId: randomUUID(), content: 'hello' };
  expectStatus(await alice.http.call('POST', `/api/v1/conversations/${id}/messages`, body), 201);
  await until(() => socket.events.of('message:new').length > 0, { what: 'the message' });
  const after = await read(1);
  expect(after.sum('coucou_delivery_lag_seconds_count')).toBeGreaterThan(before);
  // Both nodes have the same clock here.
  expect(after.sum('coucou_delivery_lag_seconds_sum')).toBeLessThan(60);
  expect(await memory()).toMatchObject([{ labels: { of: 'used' } }]);
  await socket.close();
});

it('says for how long a transaction of the login has been open', async () => {
  const oldest = async () => (await read(0)).sum('coucou_database_oldest_transaction_seconds');
  const client = new pg.Client({ connectionString: running.database.url });
  await client.connect();
  try {
    await client.query('begin');
    // It alone is open for so long.
    const seen = await until(oldest, { what: 'the transaction to be seen' });
    expect(await until(async () => (await oldest()) > seen + 1, { what: 'it to get older' })).toBe(true);
    await client.query('rollback');
    await until(async () => (await oldest()) < 1, { what: 'its end to be seen' });
  } finally {
    await client.end();
  }
});

it('answers while Redis hangs, and while it is gone, without what Redis alone knows', async () => {
  await running.redis.kill('SIGSTOP');
  try {
    // Whoever waited for Redis would wait for good.
    expect(await memory()).toEqual([]);
    await until(async () => (await read(0)).sum('coucou_redis_up') === 0, { what: 'the node to notice' });
  } finally {
    await running.redis.kill('SIGCONT');
  }
  await until(async () => (await memory()).length === 1, { what: 'Redis to answer again' });
  await running.redis.kill('SIGKILL');
  await until(async () => (await read(0)).sum('coucou_redis_up') === 0, { what: 'the node to notice' });
  const { samples, sum } = await read(0);
  expect(samples.filter(({ name }) => name === 'coucou_redis_memory_bytes')).toEqual([]);
  expect(sum('coucou_info')).toBe(1);
  expect(sum('coucou_redis_outages_total')).toBeGreaterThanOrEqual(1);
});
