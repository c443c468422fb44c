import { createFeedRepository } from '@coucou/postgres/users/feed-repository';
import { kyselyOn, setAccount } from '@coucou/postgres/kit/session';
import type { Tables } from '@coucou/postgres/tables';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createDatabase } from '../support/database.ts';
import type { Database } from '../support/template.ts';
import { openPostgres } from './engines.ts';
import { type Node, nodesOf, pagesOf } from './explaining.ts';
import { storageOn, type TestStorage } from './test-storage.ts';
import { createPeople } from '../support/fixtures.ts';

let database: Database;
let storage: TestStorage;
beforeAll(async () => {
  database = await createDatabase();
  storage = storageOn(openPostgres(database));
});
afterAll(async () => {
  await storage.close();
  await database.drop();
});

type World = Awaited<ReturnType<typeof createPeople<'alice'>>>;

const write = ({ account, alice }: World, from: number, to: number, since: string) =>
  storage.ask(
    'coucou_app',
    account,
    `insert into user_event (account_id, user_id, version, kind, payload, created_at)
     select $1, $2, v, 'preferences.changed', '{"theme":"dark"}', $5::timestamptz + v * interval '1 second' from generate_series($3::bigint, $4) v`,
    [account, alice, from, to, since],
  );
const vacuum = () => storage.owner.use((session) => session.script('vacuum analyze user_event'));

/** How a removal is answered; nothing is removed. */
async function explainTrim({ account }: World, before: Date, limit: number): Promise<Node> {
  const plans: Node[] = [];
  await storage.main.use(async (session) => {
    const db = kyselyOn<Tables>(async (text, params) => {
      const explained = `explain (analyze, buffers, timing off, format json) ${text}`;
      const { rows } = await session.query<{ 'QUERY PLAN': [{ Plan: Node }] }>(explained, params);
      plans.push(...rows.map((row) => row['QUERY PLAN'][0].Plan));
      return { rows: [], rowCount: 0 };
    });
    await session.script(`begin; ${setAccount(account)}`);
    await createFeedRepository(db).trim(before, limit);
    await session.script('rollback');
  });
  const [plan] = plans;
  if (plan === undefined) throw new Error('nothing was asked');
  return plan;
}

it('are trimmed without reading what is kept, or is of others, though it lies where older entries were', async () => {
  const [here, there] = [await createPeople(storage.uow, 'alice'), await createPeople(storage.uow, 'alice')];
  await write(here, 1, 20_000, '2026-01-01');
  await vacuum();
  await storage.ask('coucou_app', here.account, 'delete from user_event');
  await vacuum();
  await write(here, 20_001, 30_000, '2026-03-01');
  await write(there, 1, 10_000, '2026-02-01');
  await vacuum();

  const plan = await explainTrim(here, new Date('2026-03-02T00:00:00Z'), 50);
  expect(nodesOf(plan).map((node) => node['Actual Rows'])).toContain(50);
  // Each that is removed is visited twice.
  expect(pagesOf(plan)).toBeLessThan(150);
});
