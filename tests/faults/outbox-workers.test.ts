import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createDatabase } from '../support/database.ts';
import type { Database } from '../support/template.ts';
import { until } from '../support/until.ts';

let database: Database;
let owner: pg.Client;
const workers: ChildProcess[] = [];
beforeAll(async () => {
  database = await createDatabase();
  owner = new pg.Client({ connectionString: database.ownerUrl });
  await owner.connect();
  await owner.query(
    'create table effect(event_id uuid primary key, process integer not null); grant select, insert on effect to coucou_app',
  );
});
afterAll(async () => {
  for (const worker of workers) worker.kill('SIGKILL');
  await owner.end();
  await database.drop();
});

async function startWorker(): Promise<ChildProcess> {
  const env = { ...process.env, DATABASE_URL: database.url };
  const worker = spawn(process.execPath, [path.join(import.meta.dirname, 'outbox-worker.ts')], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  workers.push(worker);
  if (worker.stdout !== null) await once(worker.stdout, 'data');
  return worker;
}

const count = async (text: string): Promise<number> => (await owner.query<{ count: number }>(text)).rows[0]?.count ?? 0;
const effects = () => count('select count(*)::integer as count from effect');
const EVENTS = 2_000;

it('has every effect once, though workers are killed, and others sleep beyond their lease', async () => {
  const [killed, asleep] = await Promise.all([startWorker(), startWorker()]);
  await owner.query(
    `insert into outbox (account_id, id, type, payload)
     select a.account_id, gen_random_uuid(), 'test.happened', '{}' from account a cross join generate_series(1, ${EVENTS}) order by 2`,
  );
  await until(async () => (await effects()) > 100, { what: 'both to work' });
  asleep?.kill('SIGSTOP');
  killed?.kill('SIGKILL');
  await startWorker();
  // As if a lease had passed.
  await owner.query(
    `update outbox_worker set lease_until = clock_timestamp() - interval '1 second' where id in (select claimed_by from outbox)`,
  );
  asleep?.kill('SIGCONT');
  await until(async () => (await count('select count(*)::integer as count from outbox')) === 0, {
    what: 'all to be done',
    timeoutMs: 60_000,
  });
  expect(await effects()).toBe(EVENTS);
});
