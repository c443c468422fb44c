import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HttpAnswer } from '../support/clients.ts';
import type { Payload } from '../support/event-log.ts';
import { atNode, expectStatus, type Person, signUp } from '../support/people.ts';
import { spawnTestApp } from '../support/spawned-app.ts';
import { type SpawnedNodes, spawnNodes } from '../support/spawned-nodes.ts';
import { until } from '../support/until.ts';

/** Idempotency keys while two server processes share a database, and one of them is killed in the middle of a call. */

/** `IDEMPOTENCY_KILLS=20` is what releases are held to. */
const KILLS = Number(process.env['IDEMPOTENCY_KILLS'] ?? 4);
const isNightly = process.env['IDEMPOTENCY_KILLS'] !== undefined;

let cluster: SpawnedNodes;
let admin: pg.Client;
beforeAll(async () => {
  cluster = await spawnNodes();
  admin = new pg.Client({ connectionString: cluster.database.ownerUrl });
  await admin.connect();
});
afterAll(async () => {
  await admin?.end();
  await cluster?.stop();
});

type Title = Readonly<{ key: string; title: string }>;
const create = ({ http }: Person, { key, title }: Title): Promise<HttpAnswer> =>
  http.call('POST', '/api/v1/conversations', { type: 'group', title }, { 'idempotency-key': key });
const groupsOf = async ({ http }: Person): Promise<Payload[]> => expectStatus(await http.call('GET', '/api/v1/conversations'), 200).items;
const isReplayed = ({ headers }: HttpAnswer) => headers.get('idempotency-replayed') === 'true';

/** As a client does: while the first call runs, it waits and repeats. */
const repeated = (person: Person, call: Title): Promise<HttpAnswer> =>
  until(
    async () => {
      const answer = await create(person, call);
      if (answer.status !== 409) return answer;
      expect(answer.body.code).toBe('IDEMPOTENCY_IN_PROGRESS');
      return undefined;
    },
    { what: 'an answer to the repeated call' },
  );

/** Holds up whatever takes the lock that conflicts with this one, until it is let go. */
async function hold(table: string, mode: string): Promise<() => Promise<unknown>> {
  await admin.query(`begin; lock table ${table} in ${mode} mode`);
  return () => admin.query('rollback');
}
const isHeldUp = async () =>
  (
    await admin.query(
      `select 1 from pg_locks where not granted and database = (select oid from pg_database where datname = current_database())`,
    )
  ).rowCount !== 0;

describe('two nodes', () => {
  it('do once what fifty requests with one key ask of them at the same time', async () => {
    const alice = await signUp(cluster.nodes[0].url);
    const call = { key: randomUUID(), title: 'Once among fifty' };
    const both = cluster.nodes.map(({ url }) => atNode(alice, url));
    const answers = await Promise.all(Array.from({ length: 50 }, (_, at) => create(both[at % 2] ?? alice, call)));
    const groups = await groupsOf(alice);
    expect(groups).toHaveLength(1);
    const done = answers.filter(({ status }) => status === 201);
    expect(new Set(done.map(({ body }) => body.id))).toEqual(new Set([groups[0].id]));
    expect(done.filter((answer) => !isReplayed(answer))).toHaveLength(1);
    const others = answers.filter(({ status }) => status !== 201);
    expect(others.filter(({ body, headers }) => body.code !== 'IDEMPOTENCY_IN_PROGRESS' || headers.get('retry-after') !== '1')).toEqual([]);
    for (const person of both) expect((await create(person, call)).body).toEqual(done[0]?.body);
  });

  it('tell at the one that the first call is running at the other, and refuse what is another', async () => {
    const alice = await signUp(cluster.nodes[0].url);
    const there = atNode(alice, cluster.nodes[1].url);
    const call = { key: randomUUID(), title: 'Held up' };
    const letGo = await hold('conversation', 'share');
    const first = create(alice, call);
    await until(isHeldUp, { what: 'the first call to write' });
    const second = await create(there, call);
    expect([second.status, second.body.code, second.headers.get('retry-after')]).toEqual([409, 'IDEMPOTENCY_IN_PROGRESS', '1']);
    await letGo();
    expect((await first).status).toBe(201);
    expect((await create(there, { ...call, title: 'Another' })).body.code).toBe('IDEMPOTENCY_KEY_CONFLICT');
    expect((await create(there, call)).body).toEqual((await first).body);
  });

  it('answer a thousand keys of one person at once, each with its effect or with an error that says to wait, or that there are 500 groups', async () => {
    const alice = await signUp(cluster.nodes[0].url);
    const calls = Array.from({ length: 1_000 }, (_, n) => ({ key: `${n}`, title: `Group ${n}` }));
    const answers = await Promise.all(calls.map((call) => create(alice, call)));
    const done = answers.filter(({ status }) => status === 201);
    const refused = answers.filter(({ status, body }) => status !== 201 && body.code !== 'GROUP_LIMIT_REACHED');
    // Of those that are under way at once all may pass the last place.
    const isFull = answers.some(({ body }) => body.code === 'GROUP_LIMIT_REACHED');
    expect(isFull ? done.length : 500).toBeGreaterThanOrEqual(500);
    expect(done.length).toBeGreaterThan(0);
    expect(refused.filter(({ status, headers }) => ![429, 503].includes(status) || headers.get('retry-after') === null)).toEqual([]);
    const { acc } = JSON.parse(Buffer.from(alice.accessToken.split('.')[1] ?? '', 'base64url').toString());
    await admin.query(`begin; set local role coucou_app; set local app.account_id = '${acc}'`);
    const { rows } = await admin.query(
      `select (select count(*)::int from conversation where created_by = $1) as groups,
              (select count(*)::int from idempotency_record where caller_id = $1) as records`,
      [alice.id],
    );
    await admin.query('rollback');
    expect(rows).toEqual([{ groups: done.length, records: done.length }]);
  });
});

// Elsewhere it is killed often enough; this is about keys.
it.runIf(isNightly)('the embedded database keeps the effect and its record together when its server is killed', async () => {
  const server = await spawnTestApp();
  try {
    const alice = await signUp(server.url);
    for (let n = 0; n < KILLS / 4; n += 1) {
      const call = { key: randomUUID(), title: `Kill ${n}` };
      const cut = create(atNode(alice, server.url), call).catch(() => undefined);
      await (n === 0 ? cut : pause(2 * n));
      await server.restart();
      const answered = await cut;
      const person = atNode(alice, server.url);
      const again = expectStatus(await create(person, call), 201);
      expect(answered?.body ?? again).toEqual(again);
      expect((await groupsOf(person)).filter(({ title }) => title === call.title)).toHaveLength(1);
    }
  } finally {
    await server.stop();
  }
});

describe('a node that is killed in the middle of a call', () => {
  /** Where: held up at a lock, or once or whenever its answer comes. */
  const points = [
    { where: 'while it looks for the record', table: 'idempotency_record', mode: 'access exclusive' },
    { where: 'before the first row that it writes', table: 'conversation', mode: 'share' },
    { where: 'between its effect and the record of it', table: 'idempotency_record', mode: 'share' },
    { where: 'when it has answered' },
    { where: 'between the rows that it writes', table: 'member', mode: 'share' },
    { where: 'at some time' },
  ] as const;
  const kills = Array.from({ length: KILLS }, (_, n) => ({ n, point: points[n % points.length] ?? points[0] }));

  it.each(kills)('leaves no key behind, and no second effect: $point.where ($n)', async ({ n, point }) => {
    const [here, there] = cluster.nodes;
    const alice = await signUp(there.url);
    const elsewhere = atNode(alice, there.url);
    const call = { key: randomUUID(), title: point.where };
    const letGo = 'table' in point ? await hold(point.table, point.mode) : undefined;
    const cut = create(atNode(alice, here.url), call).catch(() => undefined);
    if (letGo !== undefined) await until(isHeldUp, { what: 'the call to be held up' });
    else if (point.where === 'when it has answered') await cut;
    else await pause(n);
    await here.kill('SIGKILL');
    await cut;
    await letGo?.();
    const answer = expectStatus(await repeated(elsewhere, call), 201);
    expect((await groupsOf(elsewhere)).map(({ id }) => id)).toEqual([answer.id]);
    await here.restart();
    const again = await create(atNode(alice, here.url), call);
    expect([again.status, isReplayed(again), again.body]).toEqual([201, true, answer]);
    expect(await groupsOf(elsewhere)).toHaveLength(1);
  });
});
