import type { PagePlan } from '@coucou/domain/sync/pages';
import { createCurrentMembers } from '@coucou/postgres/conversations/current-members';
import { createPgPool, RUNTIME_SESSION } from '@coucou/postgres/kit/pg-pool';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createDatabase } from '../support/database.ts';
import { createGroup, createPeople, range, sending } from '../support/fixtures.ts';
import type { Database } from '../support/template.ts';
import { openPostgres } from './engines.ts';
import { storageOn } from './test-storage.ts';

/** PostgreSQL makes this many custom plans of a prepared statement before it considers the generic one. */
const CUSTOM_PLANS = 5;
/** Of each statement: from the fifth time on it is prepared. */
const TIMES = 16;

let database: Database;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());

it('uses generic plans for what each connect reads', async () => {
  const engine = openPostgres(database);
  // One connection, whose plans can be looked at.
  const main = createPgPool({ url: database.url, max: 1, onConnect: RUNTIME_SESSION });
  const storage = storageOn({ ...engine, main });
  const { account, alice, bob } = await createPeople(storage.uow, 'alice', 'bob');
  const id = await createGroup(storage.uow, account, [alice, bob]);
  for (const at of range(1, 3))
    await storage.log.append(sending({ accountId: account, conversationId: id, senderId: alice, content: `${at}` }));
  const currentMembers = createCurrentMembers(main);
  const plan = (kind: PagePlan['kind']): PagePlan => ({
    id,
    kind,
    from: 0,
    rows: 10,
    floor: 0,
    messages: 10,
    members: 10,
    receipts: { from: 0, of: 'everyone', isDue: true, most: 10 },
  });
  for (let time = 0; time < TIMES; time += 1) {
    await storage.syncReader.read(account, bob, async (moment) => {
      await moment.conversations([id]);
      await moment.rows([plan('window')]);
      await moment.rows([plan('changes')]);
    });
    await currentMembers.ofUsers(account, [bob], 10);
    await storage.uow.read(account, (tx) => tx.relations.circles([bob], { people: 10, conversations: 10 }));
  }
  const { rows } = await main.use((session) =>
    session.query<{ name: string; kept: number; planned: number }>(
      `select name, generic_plans as kept, custom_plans as planned from pg_prepared_statements where generic_plans + custom_plans > $1`,
      [CUSTOM_PLANS],
    ),
  );
  await Promise.all([engine.close(), main.end()]);
  expect(rows.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['sync-state', 'sync-windows', 'sync-messages', 'sync-members', 'sync-receipts']),
  );
  expect(rows.length).toBeGreaterThanOrEqual(7);
  expect(rows.filter(({ planned }) => planned > CUSTOM_PLANS)).toEqual([]);
});

it('compiles no statement, however much it is estimated to cost', async () => {
  const main = createPgPool({ url: database.url, max: 1, onConnect: `${RUNTIME_SESSION}; set jit_above_cost = 0` });
  const { rows } = await main.use((session) =>
    session.query<{ 'QUERY PLAN': object[] }>('explain (analyze, format json) select count(*) from generate_series(1, 10)'),
  );
  await main.end();
  expect(rows[0]?.['QUERY PLAN'][0]).not.toHaveProperty('JIT');
});
