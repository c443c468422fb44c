import { randomUUID } from 'node:crypto';
import type { DomainEvent } from '@coucou/application/kernel/event';
import { erasureDue } from '@coucou/application/privacy/erasure-due';
import type { Ticket } from '@coucou/application/ports/job-queue';
import { feedEntryAdded } from '@coucou/application/users/user-events';
import { asId, type UserId } from '@coucou/domain/kernel/ids';
import { createPgPool } from '@coucou/postgres/kit/pg-pool';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createDatabase } from '../support/database.ts';
import { createPeople } from '../support/fixtures.ts';
import type { Database } from '../support/template.ts';
import { until } from '../support/until.ts';
import { engines, openPostgres } from './engines.ts';
import { type JobHarness, jobHarness } from './job-harness.ts';

/** Of events with one deduplication key, one waits. */

const TYPE = erasureDue.type;

describe.each(engines)('events with a deduplication key on %s', (_, open) => {
  let h: JobHarness;
  beforeAll(async () => {
    h = await jobHarness(await open());
  });
  afterAll(() => h.storage.close());
  beforeEach(() => h.empty());

  const person = () => asId<'user'>(randomUUID());
  const order = (who: UserId, at?: Date, account = h.account) =>
    h.storage.transactions.write(account, async (tx) => tx.emit(erasureDue({ person: who, at })));
  const claimed = async (): Promise<readonly Ticket[]> => {
    const { events, by } = await h.store().dispatcher([TYPE]).claim(10);
    return events.map(({ event }) => ({ account: event.account, event: event.id, claim: by, queue: 'bulk' }));
  };
  const taken = async () => {
    const worker = h.store().jobWorker();
    const [first] = await worker.take(await claimed());
    if (first === undefined) throw new Error('nothing was to be taken');
    return { worker, first };
  };

  it('are one while that waits, in one transaction and in several, also in a queue', async () => {
    const [alice, bob] = [person(), person()];
    await h.storage.transactions.write(h.account, async (tx) => tx.emit(erasureDue({ person: alice }), erasureDue({ person: alice })));
    await Promise.all([order(alice), order(alice), order(bob), order(bob)]);
    expect(await h.rows()).toHaveLength(2);
    const tickets = await claimed();
    await order(alice);
    expect(await h.rows()).toHaveLength(2);
    expect(await h.store().jobWorker().take(tickets)).toHaveLength(2);
  });

  it('are another’s in another account', async () => {
    const alice = person();
    const { account } = await createPeople(h.storage.uow, 'bob');
    await Promise.all([order(alice), order(alice, undefined, account)]);
    expect(await h.rows()).toHaveLength(2);
  });

  it('are due when the first of them is', async () => {
    const alice = person();
    const inHours = (hours: number) => new Date(Date.now() + hours * 3_600_000);
    await order(alice, inHours(2));
    await order(alice, inHours(3));
    expect(await claimed()).toEqual([]);
    await order(alice);
    expect(await claimed()).toHaveLength(1);
  });

  it('wait beside one that was begun with, whatever becomes of that', async () => {
    const alice = person();
    await order(alice);
    const { worker, first } = await taken();
    await order(alice);
    await order(alice);
    expect(await h.rows()).toHaveLength(2);
    await worker.failed(first, { event: first.event, reason: 'not yet', retryInMs: 0, counts: false });
    expect(await h.rows()).toHaveLength(2);
    expect(await claimed()).toHaveLength(2);
  });

  it('wait beside one of a batch', async () => {
    const alice = person();
    await order(alice);
    expect((await h.store().worker([TYPE]).claim(10)).events).toHaveLength(1);
    await order(alice);
    expect(await h.rows()).toHaveLength(2);
  });
});

describe('an event with a deduplication key, on PostgreSQL, while another transaction is under way', () => {
  let database: Database;
  let h: JobHarness;
  let other: ReturnType<typeof createPgPool>;
  beforeAll(async () => {
    database = await createDatabase();
    h = await jobHarness(openPostgres(database));
    other = createPgPool({ url: database.ownerUrl, max: 1 });
  });
  afterAll(async () => {
    await other.end();
    await h.storage.close();
    await database.drop();
  });
  beforeEach(() => h.empty());

  /** Resolves when so many transactions wait for another. */
  const blocked = (count: number, orElse: () => boolean = () => false) =>
    until(
      async () => {
        const text =
          'select 1 from pg_locks where not granted and pid in (select pid from pg_stat_activity where datname = current_database())';
        const { rows } = await h.storage.owner.use((session) => session.query(text, []));
        return rows.length >= count || orElse();
      },
      { what: `${count} to wait` },
    );

  it('is begun with only after the commit of whom it stands for as well', async () => {
    const { account, alice } = await createPeople(h.storage.uow, 'alice');
    const write = (...more: readonly DomainEvent[]) =>
      h.storage.transactions.write(account, async (tx) => tx.emit(erasureDue({ person: alice }), ...more));
    await write();
    const { events, by } = await h.store().dispatcher([TYPE]).claim(1);
    const tickets = events.map(({ event }): Ticket => ({ account, event: event.id, claim: by, queue: 'bulk' }));
    await other.use(async (session) => {
      await session.script(`begin; set local app.account_id = '${account}'; set local role coucou_app`);
      await session.query('select from app_user where id = $1 for update', [alice]);
      // It has stored its order, and waits with its commit for the person's row, to number the entry of the feed.
      const late = write(feedEntryAdded({ userId: alice, kind: 'test', payload: {} }));
      await blocked(1);
      let isTaken = false;
      const take = h
        .store()
        .jobWorker()
        .take(tickets)
        .then((found) => ((isTaken = true), found));
      await blocked(2, () => isTaken);
      expect(isTaken).toBe(false);
      await session.script('commit');
      await late;
      expect(await take).toHaveLength(1);
    });
    expect(await h.rows()).toHaveLength(1);
  });

  it('is stored beside one that is being taken', async () => {
    const { account, alice } = await createPeople(h.storage.uow, 'alice');
    const order = () => h.storage.transactions.write(account, async (tx) => tx.emit(erasureDue({ person: alice })));
    await order();
    const late = await other.use(async (session) => {
      await session.script(`begin; set local role coucou_system; update outbox set running_since = clock_now(), dedup_key = null`);
      const ordering = order();
      await blocked(1);
      await session.script('commit');
      return { ordering };
    });
    await late.ordering;
    expect(await h.rows()).toMatchObject([{ running: true }, { running: false }]);
  });
});
