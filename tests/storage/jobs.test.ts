import type { DurableEvent } from '@coucou/application/kernel/event';
import { metrics as catalogue } from '@coucou/application/metrics/catalogue';
import type { SharedJobQueue, Ticket } from '@coucou/application/ports/job-queue';
import { errors } from '@coucou/domain/kernel/errors';
import { createMetrics } from '@coucou/observability/metrics';
import { createDeadLetters } from '@coucou/postgres/outbox/dead-letters';
import { createJobQueue } from '@coucou/runtime/job-queue';
import { createOutbox, type Outbox, type OutboxOptions } from '@coucou/runtime/outbox';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../support/until.ts';
import { engines } from './engines.ts';
import { type JobHarness, jobHarness } from './job-harness.ts';

describe.each(engines)('jobs on %s', (_, open) => {
  let h: JobHarness;
  const started: Outbox[] = [];
  beforeAll(async () => {
    h = await jobHarness(await open());
  });
  afterAll(() => h.storage.close());
  beforeEach(() => h.empty());
  afterEach(async () => {
    for (const outbox of started.splice(0)) await outbox.stop();
  });

  function start(options: Partial<OutboxOptions> & Pick<OutboxOptions, 'subscribers'>): Outbox & { lines: string[] } {
    const lines: string[] = [];
    const say = (_details: object, message: string) => void lines.push(message);
    const outbox = createOutbox({
      store: h.store(),
      metrics: createMetrics(),
      log: { warn: say, error: say },
      pollMs: 20,
      backoffMs: 1,
      random: () => 0,
      ...options,
    });
    outbox.start();
    started.push(outbox);
    return Object.assign(outbox, { lines });
  }
  const job = (run: (event: DurableEvent) => Promise<void> | void, on = 'job.due', queue: Ticket['queue'] = 'normal') => ({
    name: `runs ${on}`,
    on,
    queue,
    run: async (events: readonly DurableEvent[]) => {
      for (const event of events) await run(event);
    },
  });

  it('runs everything that is due, what is urgent before what is bulk', async () => {
    const ran: string[] = [];
    const bulk = await h.due('job.bulk', 200);
    const urgent = await h.due('job.urgent', 3);
    const gate = Promise.withResolvers<void>();
    const outbox = start({
      subscribers: [
        job(async ({ id }) => (await gate.promise, void ran.push(id)), 'job.bulk', 'bulk'),
        job(({ id }) => void ran.push(id), 'job.urgent', 'urgent'),
      ],
    });
    // All that may run at once is taken by those that wait; the next that ends makes room for an urgent one.
    await until(async () => (await h.rows()).filter(({ running }) => running).length >= 32, { what: 'the queue to be at work' });
    gate.resolve();
    await outbox.settled();
    expect(new Set(ran)).toEqual(new Set([...bulk, ...urgent]));
    expect(Math.max(...urgent.map((id) => ran.indexOf(id)))).toBeLessThan(32 + urgent.length + 32);
    expect(await h.rows()).toEqual([]);
  });

  it('runs what goes in batches while jobs wait for something outside', async () => {
    const outside = Promise.withResolvers<void>();
    const inside = Promise.withResolvers<void>();
    await h.due('job.due', 40);
    await h.due('thing.happened', 1);
    const outbox = start({
      subscribers: [
        job(() => outside.promise),
        { name: 'inside', on: 'thing.happened', queue: undefined, run: async () => inside.resolve() },
      ],
    });
    await inside.promise;
    outside.resolve();
    await outbox.settled();
    expect(await h.rows()).toEqual([]);
  });

  it('says how far a job is, until it is run again', async () => {
    await h.due('job.due');
    const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    let runs = 0;
    const outbox = start({
      subscribers: [
        {
          ...job(() => {}),
          async run(_events, context) {
            runs += 1;
            if (runs === 1) context?.report(1, 4);
            await gates[runs - 1]?.promise;
            if (runs === 1) throw new Error('not yet');
          },
        },
      ],
    });
    const progress = async () => (await createDeadLetters(h.storage.main).count({})).map((each) => each.progress);
    await until(async () => (await progress())[0] === 0.25, { what: 'the progress of the job' });
    gates[0]?.resolve();
    await until(async () => runs === 2, { what: 'another attempt' });
    expect(await progress()).toEqual([null]);
    gates[1]?.resolve();
    await outbox.settled();
  });

  it('asks a job to end early when its node stops, and keeps what it has done', async () => {
    await h.due('job.due');
    let isRunning = false;
    const outbox = start({
      subscribers: [
        {
          ...job(() => {}),
          async run(_events, context) {
            isRunning = true;
            await until(async () => context?.stopping.aborted, { what: 'the job to be asked' });
          },
        },
      ],
    });
    await until(async () => isRunning, { what: 'the job to run' });
    await outbox.stop();
    expect(await h.rows()).toEqual([]);
  });

  it('tries what fails again, and gives it up after the last attempt; what is away counts for nothing', async () => {
    const [bad, away] = [await h.due('job.bad'), await h.due('job.away')];
    let asked = 0;
    const outbox = start({
      maxAttempts: 3,
      subscribers: [
        job(() => Promise.reject(new Error('never')), 'job.bad'),
        job(() => {
          asked += 1;
          throw errors.SERVICE_UNAVAILABLE();
        }, 'job.away'),
      ],
    });
    await until(async () => (await h.rows()).some(({ dead }) => dead), { what: 'a dead letter' });
    await outbox.settled();
    const of = async (id: string | undefined) => (await h.rows()).find((row) => row.id === id);
    expect(await of(bad[0])).toMatchObject({ attempts: 3, dead: true, last_error: 'Error: never', claimed_by: null, running: false });
    expect(await of(away[0])).toMatchObject({ attempts: 0, dead: false });
    expect(asked).toBe(1);
  });

  it('fails a job that stays silent, and what it still does counts for nothing', async () => {
    await h.due('job.due');
    const [entered, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    let late: Promise<unknown> | undefined;
    start({
      silenceMs: 20,
      maxAttempts: 1,
      subscribers: [
        job(() => {
          entered.resolve();
          late = gate.promise.then(() => h.storage.transactions.write(h.account, async () => {}));
          late.catch(() => {});
          return late as Promise<void>;
        }),
      ],
    });
    await entered.promise;
    await until(async () => (await h.rows())[0]?.dead, { what: 'the job to be given up' });
    gate.resolve();
    await expect(late).rejects.toMatchObject({ code: 'CC001' });
    expect(await h.rows()).toMatchObject([{ last_error: expect.stringContaining('did not answer') }]);
  });

  it('leaves an event alone whose subscriber another node has', async () => {
    const [id] = await h.due('job.due');
    const lacking = start({ subscribers: [job(() => {}, 'job.other')] });
    // Tickets of a node that has the subscriber come to one that lacks it.
    const shared = { ...createJobQueue(), isUp: () => true, renew: () => {} };
    await lacking.stop();
    start({ shared, subscribers: [job(() => {}, 'job.other')] });
    const { by } = await h.store().dispatcher(['job.due']).claim(1);
    await shared.offer([{ account: h.account, event: id as string, claim: by, queue: 'normal' }]);
    await until(async () => (await h.rows())[0]?.last_error, { what: 'it to be given back' });
    expect(await h.rows()).toMatchObject([{ attempts: 0, dead: false, claimed_by: null, running: false }]);
  });

  describe('with a queue that nodes share', () => {
    type Faults = { refuses: boolean; loses: boolean };
    function sharedQueue(faults: Partial<Faults> = {}) {
      const queue = createJobQueue();
      const seen = { offered: 0, renewed: 0 };
      const shared: SharedJobQueue = {
        ...queue,
        isUp: () => faults.refuses !== true,
        renew: () => void (seen.renewed += 1),
        async offer(tickets) {
          seen.offered += tickets.length;
          if (faults.refuses === true) throw new Error('away');
          if (faults.loses !== true) await queue.offer(tickets);
        },
      };
      return { shared, seen };
    }

    it('runs there what another node claimed, and knows when that is over', async () => {
      const ran: string[] = [];
      const { shared } = sharedQueue();
      const ids = await h.due('job.due', 300);
      const outbox = start({ shared: { ...shared, work: () => {} }, subscribers: [job(() => expect.unreachable())] });
      start({ shared, subscribers: [job(({ id }) => void ran.push(id)), job(() => {}, 'job.other')] });
      await outbox.settled();
      await until(async () => (await h.rows()).length === 0, { what: 'all to be done' });
      expect(ran.toSorted()).toEqual(ids.toSorted());
    });

    it('runs jobs by itself while that takes nothing', async () => {
      const ran: string[] = [];
      const metrics = createMetrics();
      const { shared, seen } = sharedQueue({ refuses: true });
      const ids = await h.due('job.due', 100);
      await start({ shared, metrics, subscribers: [job(({ id }) => void ran.push(id))] }).settled();
      expect(ran.toSorted()).toEqual(ids.toSorted());
      expect(seen.offered).toBe(100);
      expect(metrics.counter(catalogue.queueHere, {}).value).toBe(100);
    });

    it('runs by itself what that has lost, and has its worker made anew', async () => {
      const ran: string[] = [];
      const { shared, seen } = sharedQueue({ loses: true });
      const ids = await h.due('job.due', 10);
      const outbox = start({ shared, overdueMs: 30, subscribers: [job(({ id }) => void ran.push(id))] });
      await outbox.settled();
      expect(ran.toSorted()).toEqual(ids.toSorted());
      expect(seen.renewed).toBeGreaterThan(0);
      expect(outbox.lines).toContainEqual(expect.stringContaining('jobs wait in Redis though nobody is busy'));
    });
  });

  it('gives back at its end what nobody has taken', async () => {
    const entered = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<void>();
    await h.due('job.due', 50);
    const outbox = start({ subscribers: [job(() => (entered.resolve(), gate.promise))] });
    await until(async () => (await h.rows()).filter(({ running }) => running).length === 32, { what: 'as many to run as may' });
    const stopping = outbox.stop();
    gate.resolve();
    await stopping;
    const left = await h.rows();
    expect(left.length).toBe(18);
    expect(left.every(({ claimed_by, attempts }) => claimed_by === null && attempts === 0)).toBe(true);
  });
});
