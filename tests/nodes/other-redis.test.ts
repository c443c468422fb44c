import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { httpClient } from '../support/clients.ts';
import { createDatabase } from '../support/database.ts';
import type { Instance } from '../support/instance.ts';
import { type ListeningApp, startTestApp } from '../support/listening-app.ts';
import { startNodesRedis } from '../support/nodes-redis.ts';
import type { Database } from '../support/template.ts';
import { until } from '../support/until.ts';

/** Two nodes of one database, each in turn with the same Redis as the other and with another. */

let database: Database;
let owner: pg.Client;
let redis: readonly [Instance, Instance];
const nodes: ListeningApp[] = [];
beforeAll(async () => {
  [database, redis] = await Promise.all([createDatabase(), Promise.all([startNodesRedis(), startNodesRedis()])]);
  owner = new pg.Client({ connectionString: database.ownerUrl });
  await owner.connect();
});
afterAll(async () => {
  for (const node of nodes) await node.close();
  await owner?.end();
  await database?.drop();
  for (const each of redis ?? []) await each.stop();
});

const start = async (name: string, { url }: Instance): Promise<void> =>
  void nodes.push(await startTestApp({ database, redisUrl: url, env: { INSTANCE_ID: name, LOG_LEVEL: 'silent' } }));
const readiness = ({ url }: ListeningApp) => httpClient(url).call('GET', '/health/ready');
const untilAll = (status: number) =>
  until(async () => (await Promise.all(nodes.map(readiness))).every((answer) => answer.status === status), {
    what: `all nodes to answer ${status}`,
    timeoutMs: 60_000,
  });
const redisIds = async (): Promise<string[]> => {
  await owner.query('begin; set local role coucou_system');
  const { rows } = await owner.query('select redis_id from node_run');
  await owner.query('commit');
  return rows.map(({ redis_id: id }) => id);
};

it('nodes on different Redis servers are not ready, and say why, until they are on one', async () => {
  await start('here', redis[0]);
  await start('there', redis[1]);
  await untilAll(503);
  for (const node of nodes)
    expect((await readiness(node)).body.checks.nodes).toEqual({
      status: 'down',
      detail: expect.stringMatching(/uses another Redis; .+REDIS_URL/),
    });
  await nodes.pop()?.close();
  await start('there', redis[0]);
  await untilAll(200);
});

it('nodes whose Redis comes back empty see that it is another, and the same for both', async () => {
  const both = (ids: readonly string[]) => ids.length === 2 && ids[0] === ids[1] && ids[0] !== null;
  const before = await until(async () => await redisIds().then((ids) => both(ids) && ids), { what: 'one id' });
  await redis[0].restart();
  await until(async () => both(await redisIds()) && (await redisIds())[0] !== before[0], { what: 'another id', timeoutMs: 60_000 });
  for (const node of nodes) expect((await readiness(node)).body.checks.nodes).toEqual({ status: 'up' });
});
