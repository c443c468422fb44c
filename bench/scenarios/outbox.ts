import { noMetrics } from '@coucou/application/metrics/no-metrics';
import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { SharedJobQueue } from '@coucou/application/ports/job-queue';
import type { AppendRequest } from '@coucou/application/ports/message-log';
import type { DurableEvent } from '@coucou/application/kernel/event';
import { token } from '@coucou/application/kernel/token';
import { indexPosted } from '@coucou/application/messages/index-messages';
import { notifyDeps, notifyOfMessages } from '@coucou/application/notifications/notify';
import { Clock } from '@coucou/application/ports/clock';
import { Ids } from '@coucou/application/ports/ids';
import { Transactions } from '@coucou/application/ports/unit-of-work';
import type { AccountId, ConversationId, UserId } from '@coucou/domain/kernel/ids';
import { repository } from '@coucou/postgres/kit/storage-parts';
import { openStorage, type Storage } from '@coucou/postgres/storage';
import { type OpenRedis, openRedis } from '@coucou/redis/open';
import { createOutbox } from '@coucou/runtime/outbox';
import { systemClock } from '@coucou/runtime/clock';
import { createContainer } from '@coucou/server/composition/container';
import { catalogueOf } from '@coucou/server/composition/catalogue';
import { features } from '@coucou/server/composition/features';
import pg from 'pg';
import { createGroup, createPeople, ids, sending } from '../../tests/support/fixtures.ts';
import { everyRepository } from '../../tests/support/repositories.ts';
import { providePostgres, provideRedis } from '../../tests/support/services.ts';
import { percentile } from '@coucou/server/load/percentile';
import { postgresCpu } from '../measure.ts';
import { administer, dropDatabases } from '../servers/contestants.ts';
import { find, seedDatabase } from '../servers/seeded.ts';

/**
 * S21: from the commit of a message until its effect has committed, at a fixed rate; then how fast a backlog is worked off. The search
 * entry and the notifications are the product's own effects; `rows` is the least an effect can be: a row, in a transaction of the batch. `jobs`
 * is a row in a transaction of its own, as a job in the queue of the process; `bullmq` the same by way of Redis.
 */
export type OutboxBenchOptions = Readonly<{ seconds: number; rate: number; backlog: number; smoke: boolean; log(line: string): void }>;
export type Driven = Readonly<{
  what: 'messages' | 'rows' | 'jobs' | 'bullmq';
  events: number;
  effects: number;
  seconds: number;
  nodeMicros: number;
  postgresMicros: number | undefined;
}>;
export type OutboxReport = Readonly<{
  postgres: string;
  sent: number;
  latency: Readonly<{ p50: number; p99: number; most: number }>;
  driven: readonly Driven[];
  faults: string[];
}>;

type Rows = Readonly<{ add(ids: readonly string[]): Promise<void> }>;
const Rows = token<Rows>('Rows');
const rowsPart = repository<Rows, { bench_effect: { event_id: string } }>(Rows, (db) => ({
  add: async (events) =>
    void (await db
      .insertInto('bench_effect')
      .values(events.map((event_id) => ({ event_id })))
      .onConflict((oc) => oc.doNothing())
      .execute()),
}));

const CONVERSATIONS = 200;
const silent = { info: () => {}, warn: () => {}, error: () => {} };

export async function outbox(options: OutboxBenchOptions): Promise<OutboxReport> {
  const [postgres, redis] = await Promise.all([providePostgres(), provideRedis()]);
  const shared = openRedis({ url: redis.url, secret: randomBytes(32).toString('hex'), metrics: noMetrics, log: silent as never });
  let storage: Storage | undefined;
  const awake = setInterval(() => {}, 1000);
  try {
    const url = await seedDatabase({ databaseUrl: postgres.url, size: 10, purpose: 'outbox' });
    await administer(url, 'create table bench_effect(event_id uuid primary key)');
    await administer(url, 'grant insert on bench_effect to coucou_app');
    await administer(url, 'delete from outbox');
    const catalogue = catalogueOf(features);
    storage = await openStorage({
      database: { url },
      live: { publish: () => {} },
      events: { ...catalogue.events, isDurable: () => true },
      parts: [...catalogue.storage, { repositories: [rowsPart] }],
    });
    const measured = await measure({ storage, url, cpu: await postgresCpu(postgres.url), shared: shared.jobQueue }, options);
    return { ...measured, postgres: `PostgreSQL ${postgres.version} (${postgres.source})` };
  } finally {
    await storage?.close();
    await shared.close();
    await redis.stop();
    if (postgres.source === 'given') await dropDatabases(postgres.url, ['outbox']);
    await postgres.stop();
    clearInterval(awake);
  }
}

type Stand = Readonly<{ storage: Storage; url: string; cpu: (() => number) | undefined; shared: OpenRedis['jobQueue'] }>;

async function measure({ storage, url, cpu, shared }: Stand, { seconds, rate, backlog, smoke, log }: OutboxBenchOptions) {
  const faults: string[] = [];
  const requests = await traffic(storage);
  const { account } = await find(url);
  /** When the effect of a message had committed. */
  const effects = new Map<string, number>();
  let delivered = 0;
  const subscribers = [
    ...productSubscribers(storage).map(({ subscriber, ports }, at) => ({
      ...subscriber,
      async run(events: readonly DurableEvent[]) {
        await subscriber.run(ports as never, events);
        if (at > 0) return;
        delivered += events.length;
        for (const { messageIds } of events as readonly (DurableEvent & { messageIds: string[] })[])
          for (const id of messageIds) effects.set(id, performance.now());
      },
    })),
    ...(['bench.noted', 'bench.job'] as const).map((on) => ({
      name: on,
      on,
      queue: on === 'bench.job' ? ('normal' as const) : undefined,
      async run(events: readonly DurableEvent[]) {
        const [first] = events;
        if (first === undefined) return;
        await storage.transactions.write(first.account, (tx) => tx.repository(Rows).add(events.map(({ id }) => id)));
        delivered += events.length;
      },
    })),
  ];
  const made = (queue?: SharedJobQueue) =>
    createOutbox({
      shared: queue,
      store: storage.outbox,
      subscribers,
      waitedMs: storage.takeLongestWaitMs,
      metrics: noMetrics,
      log: { warn: (details) => faults.push(JSON.stringify(details)), error: () => {} },
    });

  const latency = await atRate();
  log(`at ${rate}/s: p50 ${latency.p50.toFixed(1)} ms, p99 ${latency.p99.toFixed(1)} ms`);
  const driven: Driven[] = [];
  for (const what of ['messages', 'rows', 'jobs', 'bullmq'] as const) {
    driven.push(await drive(what));
    log(`driven, ${what}: ${JSON.stringify(driven.at(-1))}`);
  }
  return { sent: rate * seconds, latency, driven, faults };

  async function atRate() {
    const runner = made();
    runner.start();
    const commits = new Map<string, number>();
    const send = async (request: AppendRequest) => {
      await storage.messageLog.append(request);
      commits.set(request.draft.id, performance.now());
      runner.wake(['message.posted']);
    };
    const pending: Promise<void>[] = [];
    // What comes first prepares statements and warms caches.
    for (const [turns, counts] of [
      [rate, false],
      [rate * seconds, true],
    ] as const) {
      if (counts) {
        await Promise.all(pending);
        await runner.settled();
        commits.clear();
        effects.clear();
      }
      const begun = performance.now();
      for (let sent = 0; sent < turns; ) {
        for (const due = ((performance.now() - begun) * rate) / 1000; sent < Math.min(due, turns); sent += 1)
          pending.push(send(requests()));
        await pause(1);
      }
    }
    await Promise.all(pending);
    await runner.settled();
    await runner.stop();
    const samples = Float64Array.from(
      [...commits].flatMap(([id, at]) => {
        const effect = effects.get(id);
        if (effect === undefined) faults.push(`the message ${id} had no effect`);
        return effect === undefined ? [] : [Math.max(0, effect - at)];
      }),
    );
    return { p50: percentile(samples, 0.5), p99: percentile(samples, 0.99), most: percentile(samples, 1) };
  }

  async function drive(what: Driven['what']): Promise<Driven> {
    effects.clear();
    const count = smoke ? 1_000 : backlog;
    if (what !== 'messages') await noted(url, account as AccountId, what === 'rows' ? 'bench.noted' : 'bench.job', count);
    else
      for (let sent = 0; sent < count; sent += 200)
        await Promise.all(Array.from({ length: 200 }, () => storage.messageLog.append(requests())));
    delivered = 0;
    const queue = what === 'bullmq' ? shared() : undefined;
    while (queue?.isUp() === false) await pause(5);
    const runner = made(queue);
    const [cpuBefore, postgresBefore, begun] = [process.cpuUsage(), cpu?.(), performance.now()];
    runner.start();
    while ((what === 'messages' ? effects.size : delivered) < count && performance.now() - begun < 300_000) await pause(5);
    const elapsed = (performance.now() - begun) / 1000;
    const { user, system } = process.cpuUsage(cpuBefore);
    const postgresMicros = cpu && (cpu() - (postgresBefore ?? 0)) / count;
    await runner.settled();
    await runner.stop();
    const done = what === 'messages' ? effects.size : delivered;
    if (done < count) faults.push(`${what}: ${done} of ${count} had an effect`);
    return { what, events: delivered, effects: done, seconds: elapsed, nodeMicros: (user + system) / count, postgresMicros };
  }
}

/** One message after the other, each in the next of many conversations. */
export async function traffic(storage: Storage, conversations = CONVERSATIONS): Promise<() => AppendRequest> {
  const uow = everyRepository(storage.transactions);
  const { account: accountId, alice, bob } = await createPeople(uow, 'alice', 'bob');
  const places: [ConversationId, UserId][] = [];
  for (let at = 0; at < conversations; at += 1) places.push([await createGroup(uow, accountId, [alice, bob]), alice]);
  let at = 0;
  return () => {
    const [conversationId, senderId] = places[at++ % places.length] ?? [];
    if (conversationId === undefined || senderId === undefined) throw new Error('there are no conversations');
    return sending({ accountId, conversationId, senderId, content: `message ${at} of many, which says hardly anything at all` });
  };
}

export function productSubscribers(storage: Storage) {
  const container = createContainer();
  container.provide(Clock, () => systemClock);
  container.provide(Ids, () => ids);
  container.provide(Transactions, () => storage.transactions);
  return [
    { subscriber: indexPosted, ports: container.portsOf(indexPosted.deps) },
    { subscriber: notifyOfMessages, ports: container.portsOf(notifyDeps) },
  ];
}

async function noted(url: string, account: AccountId, type: string, count: number): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(
    `insert into outbox (account_id, id, type, payload) select $1, gen_random_uuid(), $2, '{}' from generate_series(1, $3)`,
    [account, type, count],
  );
  await client.end();
}
