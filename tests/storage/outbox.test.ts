import type { DurableEvent } from '@coucou/application/kernel/event';
import type { AccountId } from '@coucou/domain/kernel/ids';
import { createPgPool, RUNTIME_SESSION } from '@coucou/postgres/kit/pg-pool';
import { createOutboxStore, type OutboxStore } from '@coucou/postgres/outbox/outbox-store';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createDatabase } from '../support/database.ts';
import type { Database } from '../support/template.ts';
import { engines, openPostgres } from './engines.ts';
import { storageOn, type TestStorage } from './test-storage.ts';
import { createGroup, createPeople, range, sendAll, sending } from '../support/fixtures.ts';

const TYPES = ['message.posted'];

let database: Database;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());

/** As many events, each of a conversation of its own; answers their account. */
async function pending(storage: TestStorage, count: number): Promise<AccountId> {
  const { account: accountId, alice: senderId } = await createPeople(storage.uow, 'alice');
  const requests = [];
  for (const _unused of range(1, count))
    requests.push(sending({ accountId, conversationId: await createGroup(storage.uow, accountId, [senderId]), senderId }));
  await sendAll(storage.createLog({ announce: true }), requests);
  return accountId;
}

const idsOf = ({ events }: { events: readonly { event: DurableEvent }[] }) => events.map(({ event }) => event.id);
const owner = (storage: TestStorage, text: string) => storage.owner.use((session) => session.script(text));
/** Nobody has heard of any worker for longer than a lease. */
const silence = (storage: TestStorage) => owner(storage, `update outbox_worker set lease_until = clock_timestamp() - interval '1 second'`);

describe.each(engines)('the outbox on %s', (_, open) => {
  let storage: TestStorage;
  let outbox: OutboxStore;
  const worker = (types = TYPES) => outbox.worker(types);
  beforeAll(async () => {
    storage = storageOn(await open());
  });
  afterAll(() => storage.close());
  /** Claims reach over all accounts, so each test begins with none. */
  beforeEach(async () => {
    await owner(storage, 'truncate outbox, outbox_worker');
    outbox = createOutboxStore(storage.main);
  });
  const waiting = async () => (await createOutboxStore(storage.main).lag()).waiting;

  it('hands out what is due, as the fact it was', async () => {
    const { account: accountId, alice: senderId } = await createPeople(storage.uow, 'alice');
    const conversationId = await createGroup(storage.uow, accountId, [senderId]);
    const request = sending({ accountId, conversationId, senderId });
    await storage.createLog({ announce: true }).append(request);
    expect((await worker().claim(10)).events).toEqual([
      {
        attempts: 1,
        event: {
          id: expect.stringMatching(/^[0-9a-f-]{36}$/),
          account: accountId,
          type: 'message.posted',
          conversationId,
          messageIds: [request.draft.id],
          version: 2,
        },
      },
    ]);
  });

  it('hands each to one worker, no more at once than asked for, and goes on where it stopped', async () => {
    await pending(storage, 9);
    const claims = await Promise.all(range(1, 4).map(() => worker().claim(2)));
    expect(claims.map((claim) => [claim.events.length, claim.more])).toEqual(range(1, 4).map(() => [2, true]));
    expect(new Set(claims.flatMap(idsOf)).size).toBe(8);
    expect(await waiting()).toBe(1);
    await pending(storage, 9);
    const one = worker();
    const seen: string[] = [];
    for (let more = true; more; ) {
      const claim = await one.claim(3);
      seen.push(...idsOf(claim));
      ({ more } = claim);
    }
    expect(new Set(seen).size).toBe(10);
  });

  it('finds what another cluster stored, whose transactions have numbers that this one has not reached', async () => {
    await pending(storage, 3);
    await owner(storage, `update outbox set stored_by = (pg_current_xact_id()::text::bigint + 1000000)::text::xid8`);
    expect((await worker().claim(10)).events).toHaveLength(3);
  });

  it('leaves alone what is asked for by nobody', async () => {
    await pending(storage, 1);
    const other = worker(['member.joined']);
    expect(await other.claim(10)).toMatchObject({ events: [], more: false });
    expect(await outbox.lag()).toMatchObject({ waiting: 0 });
    expect((await worker().claim(10)).events).toHaveLength(1);
  });

  it('forgets what is done', async () => {
    await pending(storage, 2);
    const one = worker();
    const [first] = (await one.claim(1)).events;
    if (first === undefined) throw new Error('nothing was due');
    await one.done([first.event]);
    expect(await waiting()).toBe(1);
    expect(idsOf(await worker().claim(10))).not.toContain(first.event.id);
  });

  it('forgets with a claim what the last one brought, unless that was taken back', async () => {
    const account = await pending(storage, 3);
    const one = worker();
    const [first, second] = (await one.claim(2)).events;
    if (first === undefined || second === undefined) throw new Error('nothing was due');
    expect((await one.claim(1, [first.event])).events).toHaveLength(1);
    expect(await storage.ask('coucou_system', account, 'select id from outbox')).toHaveLength(2);
    await silence(storage);
    await worker().releaseExpired();
    expect(await one.claim(1, [second.event])).toMatchObject({ events: [], more: true });
    expect(await storage.ask('coucou_system', account, 'select id from outbox')).toHaveLength(2);
  });

  it('waits with what failed, and keeps what is beyond hope for a person to look at', async () => {
    const account = await pending(storage, 3);
    const one = worker();
    const [sooner, later, never] = (await one.claim(3)).events;
    if (sooner === undefined || later === undefined || never === undefined) throw new Error('nothing was due');
    const failed = (of: typeof sooner, reason: string, retryInMs?: number, counts = true) => ({
      event: of.event,
      reason,
      retryInMs,
      counts,
    });
    await one.failed([failed(sooner, 'try again', 0), failed(later, 'try tomorrow', 86_400_000), failed(never, `\0${'x'.repeat(5_000)}`)]);
    expect(await outbox.lag()).toEqual({ waiting: 1, oldestSeconds: expect.any(Number), dead: 1 });
    expect((await one.claim(10)).events).toEqual([{ event: sooner.event, attempts: 2 }]);
    await one.failed([failed(sooner, 'the database was away', 0, false)]);
    expect((await one.claim(10)).events).toEqual([{ event: sooner.event, attempts: 2 }]);
    const kept = await storage.ask<{ last_error: string }>(
      'coucou_system',
      account,
      'select last_error from outbox where dead_at is not null',
    );
    expect(kept.map((row) => row.last_error.length)).toEqual([1000]);
  });

  it('takes back what a silent worker had claimed, and from then on nothing that it does has an effect', async () => {
    const account = await pending(storage, 1);
    const [asleep, awake] = [worker(), worker()];
    const [lost] = (await asleep.claim(1)).events;
    if (lost === undefined) throw new Error('nothing was due');
    expect(await awake.releaseExpired()).toBe(0);
    expect((await awake.claim(1)).events).toEqual([]);
    await silence(storage);
    expect(await awake.releaseExpired()).toBe(1);
    expect((await awake.claim(1)).events).toEqual([{ event: lost.event, attempts: 2 }]);

    await asleep.done([lost.event]);
    expect(await storage.ask('coucou_system', account, 'select id from outbox')).toHaveLength(1);
    await awake.done([lost.event]);
    expect(await storage.ask('coucou_system', account, 'select id from outbox')).toEqual([]);
  });

  it('claims nothing for a worker that was taken for dead, until it is known again', async () => {
    await pending(storage, 2);
    const one = worker();
    await one.claim(1);
    await silence(storage);
    await worker().releaseExpired();
    expect(await one.claim(10)).toMatchObject({ events: [], more: true });
    expect((await one.claim(10)).events).toHaveLength(2);
  });

  it('keeps the lease of one that says that it is still at work', async () => {
    await pending(storage, 1);
    const one = worker();
    await one.claim(1);
    await silence(storage);
    await one.renew();
    expect(await worker().releaseExpired()).toBe(0);
    await one.close();
    expect((await worker().claim(1)).events).toHaveLength(1);
  });
});

describe('the outbox of several nodes', () => {
  let storage: TestStorage;
  beforeAll(() => {
    storage = storageOn(openPostgres(database));
  });
  afterAll(() => storage.close());
  beforeEach(() => owner(storage, 'truncate outbox, outbox_worker'));
  const insert = (account: string, count: number) =>
    `insert into outbox (account_id, id, type, payload) select '${account}', gen_random_uuid(), 'message.posted', '{}' from generate_series(1, ${count})`;

  it('passes over what another worker is about to claim, without a wait', async () => {
    await pending(storage, 3);
    const claimed = await storage.owner.use(async (session) => {
      await session.script('begin; set local role coucou_system');
      await session.query('select from outbox limit 1 for update');
      const claim = await createOutboxStore(storage.main).worker(TYPES).claim(10);
      await session.script('commit');
      return claim.events;
    });
    expect(claimed).toHaveLength(2);
  });

  it('finds what a transaction stored that committed after younger ones had been handed out', async () => {
    const account = await pending(storage, 1);
    const outbox = createOutboxStore(storage.main);
    const one = outbox.worker(TYPES);
    await storage.owner.use(async (session) => {
      await session.script(`begin; ${insert(account, 5)}`);
      await pending(storage, 3);
      expect((await one.claim(10)).events).toHaveLength(4);
      await pending(storage, 1);
      expect((await one.claim(10)).events).toHaveLength(1);
      await session.script('commit');
    });
    expect(await outbox.lag()).toMatchObject({ waiting: 5 });
    expect((await one.claim(3)).events).toHaveLength(3);
    expect((await one.claim(10)).events).toHaveLength(2);
    expect(await one.claim(10)).toMatchObject({ events: [] });
  });

  it('leaves a silent worker what it is about to commit', async () => {
    await pending(storage, 1);
    const outbox = createOutboxStore(storage.main);
    const [slow, other] = [outbox.worker(TYPES), outbox.worker(TYPES)];
    await slow.claim(1);
    const { account, alice } = await createPeople(storage.uow, 'alice');
    const [inside, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const kept = slow.effect(() =>
      storage.uow.write(account, async (tx) => {
        await tx.users.lookup(alice);
        inside.resolve();
        await released.promise;
      }),
    );
    await inside.promise;
    await silence(storage);
    expect(await other.releaseExpired()).toBe(0);
    released.resolve();
    expect(await kept).toBe(true);
    expect(await other.releaseExpired()).toBe(1);
  });

  it.each([
    ['without statistics', ''],
    ['and a vacuum has found nothing but dead rows', 'vacuum analyze outbox'],
  ])('reads a few pages for what is new after thousands that are done, while a session idles in a transaction: %s', async (_, vacuum) => {
    const account = await pending(storage, 1);
    // Each with one connection, whose counters can be told to show.
    const pool = createPgPool({ url: database.url, max: 1, onConnect: RUNTIME_SESSION });
    const writer = createPgPool({ url: database.ownerUrl, max: 1 });
    const ask = <R>(text: string) => writer.use(async (session) => (await session.query<R>(text)).rows);
    const one = createOutboxStore(pool).worker(TYPES);
    const work = async () => {
      for (let more = true; more; ) {
        const claim = await one.claim(256);
        if (claim.events.length > 0) await one.done(claim.events.map(({ event }) => event));
        ({ more } = claim);
      }
    };
    const pagesRead = async () => {
      for (const each of [pool, writer]) await each.use((session) => session.query('select pg_stat_force_next_flush()'));
      const [row] = await ask<{ pages: number }>(`
        select (heap_blks_hit + heap_blks_read + idx_blks_hit + idx_blks_read)::float as pages
        from pg_statio_user_tables where relname = 'outbox'`);
      return row?.pages ?? 0;
    };
    await storage.owner.use(async (session) => {
      // With a snapshot, and a number of its own: the worst of both.
      await session.script('begin isolation level repeatable read; select pg_current_xact_id()');
      for (let done = 0; done < 5_000; done += 1_000) {
        await ask(insert(account, 1_000));
        await work();
      }
      await ask(vacuum);
      await ask(insert(account, 10));
      const before = await pagesRead();
      await work();
      // A look at each row that is done would read thousands.
      expect((await pagesRead()) - before).toBeLessThan(1_000);
      await session.script('rollback');
    });
    await Promise.all([pool.end(), writer.end()]);
  });
});
