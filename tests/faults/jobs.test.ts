import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { Redis } from 'ioredis';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createDatabase } from '../support/database.ts';
import type { Instance } from '../support/instance.ts';
import { startRedis } from '../support/services.ts';
import { openSmtpSink, type SmtpSink } from '../support/smtp-sink.ts';
import { openTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';
import type { Database } from '../support/template.ts';
import { until } from '../support/until.ts';

/** Issue 11, Must show 2: JOBS=2000 for its full size. */
const JOBS = Number(process.env['JOBS'] ?? 420);
const FAILING = 10;

type Node = Readonly<{ postgres: TcpProxy; redis: TcpProxy; process: () => ChildProcess; start(): Promise<void> }>;

let database: Database;
let owner: pg.Client;
let redis: Instance;
let sink: SmtpSink;
let one: Node;
let two: Node;
const undo: (() => unknown)[] = [];
beforeAll(async () => {
  database = await createDatabase();
  undo.push(() => database.drop());
  redis = await startRedis();
  undo.push(() => redis.stop());
  sink = await openSmtpSink();
  undo.push(() => sink.close());
  owner = new pg.Client({ connectionString: database.ownerUrl });
  await owner.connect();
  undo.push(() => owner.end());
  await owner.query(
    `create table effect(event_id uuid primary key, process integer not null); create table effects(count integer not null);
     insert into effects values (0); grant select, insert on effect to coucou_app; grant select, update on effects to coucou_app`,
  );
  [one, two] = await Promise.all([openNode(), openNode()]);
});
afterAll(async () => {
  for (const step of undo.toReversed()) await step();
});

/** A process behind proxies of its own. */
async function openNode(): Promise<Node> {
  const [toPostgres, toRedis] = [await openTcpProxy(database.url), await openTcpProxy(redis.url)];
  const env = { ...process.env, DATABASE_URL: toPostgres.url, REDIS_URL: toRedis.url, SMTP_URL: sink.url, SECRET: 'a secret of the test' };
  let worker: ChildProcess | undefined;
  undo.push(
    () => toPostgres.close(),
    () => toRedis.close(),
    () => worker?.kill('SIGKILL'),
  );
  const node: Node = {
    postgres: toPostgres,
    redis: toRedis,
    process: () => worker as ChildProcess,
    async start() {
      worker = spawn(process.execPath, [path.join(import.meta.dirname, 'job-worker.ts')], { env, stdio: ['ignore', 'pipe', 'ignore'] });
      if (worker.stdout !== null) await once(worker.stdout, 'data');
    },
  };
  await node.start();
  return node;
}

const count = async (text: string): Promise<number> => (await owner.query<{ count: number }>(text)).rows[0]?.count ?? 0;
const effects = () => count('select count(*)::integer as count from effect');
const done = async () => (await effects()) + sink.received.length;
const mailed: string[] = [];
let counted = 0;

/** As many jobs, half of them mails. */
async function wave(jobs: number): Promise<void> {
  const add = (type: string, some: number) =>
    owner.query<{ id: string }>(
      `insert into outbox (account_id, id, type, payload)
       select a.account_id, gen_random_uuid(), $1, '{}' from account a cross join generate_series(1, $2) limit $2 returning id`,
      [type, some],
    );
  const { rows } = await add('test.mailed', Math.ceil(jobs / 2));
  mailed.push(...rows.map(({ id }) => id));
  counted += (await add('test.counted', Math.floor(jobs / 2))).rows.length;
}

async function progress(by: number, what: string): Promise<void> {
  const before = await done();
  await until(async () => (await done()) >= before + by, { what, timeoutMs: 60_000 });
}

const faults: readonly Readonly<{ what: string; begin: () => unknown; end: () => unknown }>[] = [
  {
    what: 'one was killed',
    async begin() {
      one.process().kill('SIGKILL');
      await once(one.process(), 'exit');
    },
    end: () => one.start(),
  },
  {
    what: 'one sleeps beyond its lease',
    begin: () => two.process().kill('SIGSTOP'),
    async end() {
      // Nothing is left under the lease of whoever sleeps.
      await until(async () => (await count('select count(*)::integer as count from outbox where dead_at is null')) === 0, {
        what: 'the other to take over',
        timeoutMs: 60_000,
      });
      two.process().kill('SIGCONT');
    },
  },
  { what: 'one is cut off from Redis', begin: () => one.redis.cut(), end: () => one.redis.mend() },
  { what: 'one is cut off from PostgreSQL', begin: () => two.postgres.cut(), end: () => two.postgres.mend() },
  {
    what: 'Redis was emptied',
    async begin() {
      const client = new Redis(redis.url);
      await client.flushall();
      client.disconnect();
    },
    end: () => {},
  },
  { what: 'Redis hangs', begin: () => redis.kill('SIGSTOP'), end: () => redis.kill('SIGCONT') },
  { what: 'Redis was killed', begin: () => redis.kill('SIGKILL'), end: () => redis.restart() },
];

it('does each job, through the end of workers, long sleeps, and cuts from Redis and PostgreSQL', async () => {
  const size = Math.ceil(JOBS / faults.length / 2);
  await owner.query(
    `insert into outbox (account_id, id, type, payload)
     select a.account_id, gen_random_uuid(), 'test.failing', '{}' from (select account_id from account limit 1) a cross join generate_series(1, ${FAILING})`,
  );
  for (const { what, begin, end } of faults) {
    await wave(size);
    await progress(1, `work before ${what}`);
    await begin();
    await wave(size);
    await progress(Math.min(10, size), `work while ${what}`);
    await end();
  }
  await until(async () => (await count('select count(*)::integer as count from outbox where dead_at is null')) === 0, {
    what: 'all to be done',
    timeoutMs: 120_000,
  });
  expect(await effects()).toBe(counted);
  expect(await count('select count from effects')).toBe(counted);
  const arrived = new Set(sink.received.map(({ mail }) => mail.messageId?.replace(/^<(.+)@.+>$/, '$1')));
  expect([...arrived].toSorted()).toEqual(mailed.toSorted());
  const { rows } = await owner.query<{ type: string; ended: string }>(`select type, attempts || ' ' || last_error as ended from outbox`);
  expect(rows.map(({ type }) => type)).toEqual(Array.from({ length: FAILING }, () => 'test.failing'));
  // A fault may take the worker of a last attempt: then the claim after it is what ends the job.
  const endings = ['3 Error: as it always does', '4 Error: no attempt came to an end: each time its worker was lost'];
  expect(rows.filter(({ ended }) => !endings.includes(ended))).toEqual([]);
  expect(rows.map(({ ended }) => ended)).toContain(endings[0]);
  expect(await count('select count(distinct process)::integer as count from effect')).toBeGreaterThanOrEqual(2);
});
