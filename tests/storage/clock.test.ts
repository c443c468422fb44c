import type { DurableEvent } from '@coucou/application/kernel/event';
import { createOutboxStore } from '@coucou/postgres/outbox/outbox-store';
import type { AccountId } from '@coucou/domain/kernel/ids';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createGroup, createPeople, expectStored, sending } from '../support/fixtures.ts';
import { simulateClock, type SimulatedClock } from '../support/simulated-clock.ts';
import { engines } from './engines.ts';
import { storageOn, type TestStorage } from './test-storage.ts';

const START = new Date('2031-01-31T22:00:00.000Z');
const after = (ms: number): Date => new Date(START.getTime() + ms);

describe.each(engines)('the clock of %s', (_, open) => {
  let storage: TestStorage;
  let account: AccountId;
  beforeAll(async () => {
    storage = storageOn(await open());
    ({ account } = await createPeople(storage.uow));
  });
  afterAll(() => storage.close());

  it.each(['coucou_app', 'coucou_system', 'coucou_append'] as const)('costs %s nothing: the planner inlines it', async (role) => {
    const plan = await storage.ask<{ 'QUERY PLAN': string }>(role, account, 'explain verbose select clock_now()');
    expect(plan.map((row) => row['QUERY PLAN']).join('\n')).toContain('Output: clock_timestamp()');
  });

  it('stamps every column that has a time of its own', async () => {
    const defaults = await storage.ask<{ name: string }>(
      'coucou_system',
      account,
      `select d.adrelid::regclass || '.' || a.attname as name from pg_attrdef d
       join pg_attribute a on a.attrelid = d.adrelid and a.attnum = d.adnum
       join pg_class c on c.oid = d.adrelid and c.relnamespace = 'public'::regnamespace
       where pg_get_expr(d.adbin, d.adrelid) ~ '(now\\(|_timestamp|localtime|current_(date|time))' and pg_get_expr(d.adbin, d.adrelid) <> 'clock_now()'
         and a.attname <> 'applied_at'`,
    );
    expect(defaults).toEqual([]);
  });

  describe('when a test simulates it', () => {
    let clock: SimulatedClock;
    beforeAll(async () => {
      // A statement that was planned before is planned again.
      const { account: other, alice } = await createPeople(storage.uow, 'alice');
      const conversationId = await createGroup(storage.uow, other, [alice]);
      expectStored(await storage.log.append(sending({ accountId: other, conversationId, senderId: alice })));
      clock = await simulateClock(storage.owner, START);
    });

    it('is the time of messages, and of slow mode', async () => {
      const { account: own, alice, bob } = await createPeople(storage.uow, 'alice', 'bob');
      const conversationId = await createGroup(storage.uow, own, [alice, bob]);
      await storage.ask('coucou_app', own, `update conversation set settings = '{"slowModeSeconds": 3600}' where id = $1`, [
        conversationId,
      ]);
      const send = () => storage.log.append(sending({ accountId: own, conversationId, senderId: bob, slowable: true }));
      expect(expectStored(await send()).createdAt).toEqual(START);
      await clock.moveTo(after(3_599_000));
      expect(await send()).toMatchObject({ status: 'slowed', until: after(3_600_000) });
      await clock.moveTo(after(3_601_000));
      expect(expectStored(await send()).createdAt).toEqual(after(3_601_000));
    });

    it('is the time of the outbox: of what is due, and of leases', async () => {
      await clock.moveTo(START);
      const store = createOutboxStore(storage.main);
      const id = '01900000-0000-7000-8000-000000000001';
      await storage.ask(
        'coucou_app',
        account,
        `insert into outbox (account_id, id, type, payload, due_at, stored_by) values ($1, $2, 'test.due', '{}', $3, null)`,
        [account, id, after(60_000)],
      );
      const [worker, other] = [store.worker(['test.due']), store.worker(['test.due'])];
      const claim = async (by: typeof worker): Promise<readonly DurableEvent[]> => (await by.claim(10)).events.map(({ event }) => event);
      expect(await claim(worker)).toEqual([]);
      await clock.moveTo(after(60_000));
      expect(await claim(worker)).toMatchObject([{ id }]);
      await clock.moveTo(after(67_000));
      expect(await other.releaseExpired()).toBe(0);
      await clock.moveTo(after(69_000));
      expect(await other.releaseExpired()).toBe(1);
      expect(await claim(other)).toMatchObject([{ id }]);
    });
  });
});
