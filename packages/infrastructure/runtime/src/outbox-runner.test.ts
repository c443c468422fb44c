import { noMetrics } from '@coucou/application/metrics/no-metrics';
import type { DurableEvent } from '@coucou/application/kernel/event';
import { errors } from '@coucou/domain/kernel/errors';
import { asId } from '@coucou/domain/kernel/ids';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createOutboxRunner, type OutboxRunner, type OutboxRunnerOptions } from './outbox-runner.ts';
import type { OutboxWorker } from './outbox-store.ts';

const joined = (id: string): DurableEvent => ({
  id,
  account: asId('account'),
  type: 'member.joined',
  conversationId: asId('conversation'),
  userId: asId('user'),
});

/** A table in memory, whose time the test moves. `lost` claims are another worker's. */
function table(events: readonly DurableEvent[]) {
  let now = 0;
  const rows = new Map(events.map((event) => [event.id, { event, attempts: 0, dueAt: 0, error: '', dead: false }]));
  const calls = { claims: [] as number[], finished: [] as number[], done: 0, synced: [] as unknown[], lost: false, givenUp: 0, renewed: 0 };
  const forget = (those: readonly DurableEvent[]): void => those.forEach(({ id }) => rows.delete(id));
  const worker: OutboxWorker = {
    async claim(limit, finished = []) {
      calls.claims.push(limit);
      calls.finished.push(finished.length);
      forget(finished);
      const due = [...rows.values()].filter((row) => !row.dead && row.dueAt <= now && types.includes(row.event.type)).slice(0, limit);
      for (const row of due) Object.assign(row, { attempts: row.attempts + 1, dueAt: now + 60_000 });
      return { events: due.map(({ event, attempts }) => ({ event, attempts })), more: due.length === limit };
    },
    async effect(work, options) {
      calls.synced.push(options?.synced);
      if (!calls.lost) await work();
      return !calls.lost;
    },
    async done(those) {
      calls.done += 1;
      forget(those);
    },
    async failed(failures) {
      for (const { event, reason, retryInMs, counts } of failures) {
        const row = rows.get(event.id);
        if (row === undefined) continue;
        const attempts = row.attempts - (counts ? 0 : 1);
        Object.assign(row, { attempts, error: reason, dueAt: now + (retryInMs ?? 0), dead: retryInMs === undefined });
      }
    },
    renew: async () => void (calls.renewed += 1),
    giveUp: async () => void (calls.givenUp += 1),
    releaseExpired: async () => 0,
    close: async () => {},
  };
  let types: readonly string[] = [];
  const store = {
    worker(of: readonly string[]) {
      types = of;
      return worker;
    },
  };
  return { store, worker, rows, calls, advance: (ms: number) => (now += ms) };
}

const log = { warn: vi.fn<OutboxRunnerOptions['log']['warn']>(), error: vi.fn<OutboxRunnerOptions['log']['error']>() };
const started: OutboxRunner[] = [];
function start(options: Omit<OutboxRunnerOptions, 'log' | 'metrics'>): OutboxRunner {
  const runner = createOutboxRunner({ metrics: noMetrics, log, random: () => 0, ...options });
  runner.start();
  started.push(runner);
  return runner;
}
afterEach(async () => {
  for (const runner of started.splice(0)) await runner.stop();
  log.warn.mockClear();
  log.error.mockClear();
});

describe('the outbox runner', () => {
  it('leaves what nobody subscribes to where it is: the feature may come back', async () => {
    const { store, rows } = table([joined('e1')]);
    await start({ store, subscribers: [{ name: 'listens', on: 'member.left', run: async () => {} }] }).settled();
    expect([...rows.values()]).toMatchObject([{ attempts: 0, dead: false }]);
  });

  it('hands every event to the subscribers of its type, and settles', async () => {
    const { store, rows } = table(Array.from({ length: 100 }, (_, index) => joined(`e${index}`)));
    const seen: string[] = [];
    const runner = start({
      store,
      subscribers: [
        { name: 'listens', on: 'member.joined', run: async (events) => void seen.push(...events.map(({ id }) => id)) },
        { name: 'listens to something else', on: 'member.left', run: async () => expect.unreachable() },
      ],
    });
    await runner.settled();
    expect(new Set(seen).size).toBe(100);
    expect(rows.size).toBe(0);
  });

  it('gives all that is due of one account together, and never two accounts', async () => {
    const of = (id: string, account: string) => ({ ...joined(id), account: asId<'account'>(account) });
    const { store, rows } = table([of('1', 'a'), of('2', 'b'), of('3', 'a')]);
    const given: string[][] = [];
    const run = async (events: readonly DurableEvent[]) => void given.push(events.map(({ id }) => id));
    await start({ store, subscribers: [{ name: 's', on: 'member.joined', run }] }).settled();
    expect(given.toSorted()).toEqual([['1', '3'], ['2']]);
    expect(rows.size).toBe(0);
  });

  it('marks what is finished on the way to the next claim, and by itself where none follows', async () => {
    const three = [joined('1'), joined('2'), joined('3')];
    const { store, rows, calls, worker } = table(three);
    const subscribers = [{ name: 's', on: 'member.joined', run: async () => {} }];
    await start({ store, subscribers, batch: 1 }).settled();
    const finished = calls.finished.filter((count) => count > 0);
    expect({ finished, done: calls.done, left: rows.size }).toEqual({ finished: [1, 2], done: 0, left: 0 });
    const runner = start({ store: { worker: () => worker }, subscribers });
    await runner.settled();
    for (const event of three) rows.set(event.id, { event, attempts: 0, dueAt: 0, error: '', dead: false });
    await runner.settled();
    expect({ done: calls.done, left: rows.size }).toEqual({ done: 1, left: 0 });
  });

  it('lets only those not wait for the disk who do nothing but write', async () => {
    const { store, calls } = table([joined('1')]);
    const run = async () => {};
    const subscribers = [
      { name: 's', on: 'member.joined', run },
      { name: 'w', on: 'member.joined', asyncCommit: true, run },
    ];
    await start({ store, subscribers }).settled();
    expect(calls.synced).toEqual([true, false]);
  });

  it('takes up what was added before it is woken', async () => {
    const { store, rows } = table([]);
    const runner = start({ store, subscribers: [{ name: 's', on: 'member.joined', run: async () => {} }] });
    await runner.settled();
    rows.set('late', { event: joined('late'), attempts: 0, dueAt: 0, error: '', dead: false });
    runner.wake(['member.left', 'member.joined']);
    await runner.settled();
    expect(rows.size).toBe(0);
  });

  it('retries a failure alone, later and later', async () => {
    const { store, rows, advance } = table([joined('good'), joined('bad')]);
    const run = async (given: readonly DurableEvent[]) => {
      if (given.some(({ id }) => id === 'bad')) throw new Error('not yet');
    };
    const runner = start({ store, subscribers: [{ name: 's', on: 'member.joined', run }] });
    await runner.settled();
    expect([...rows.keys()]).toEqual(['bad']);
    expect(rows.get('bad')).toMatchObject({ attempts: 1, dueAt: 1_000, error: 'Error: not yet' });
    advance(1_000);
    await runner.settled();
    expect(rows.get('bad')).toMatchObject({ attempts: 2, dueAt: 3_000 });
    expect(log.warn).toHaveBeenCalledTimes(2);
  });

  it('gives up after the last attempt, and keeps the event', async () => {
    const { store, rows, advance } = table([joined('bad')]);
    const run = () => Promise.reject(new Error('never'));
    const runner = start({ store, maxAttempts: 2, subscribers: [{ name: 's', on: 'member.joined', run }] });
    await runner.settled();
    advance(1_000);
    await runner.settled();
    expect(rows.get('bad')).toMatchObject({ dead: true, attempts: 2 });
    expect(log.error).toHaveBeenCalledOnce();
  });

  it('never gives up on an event whose subscriber has to wait for the database, and asks once for all', async () => {
    const { store, rows, advance } = table([joined('a'), joined('b')]);
    let asked = 0;
    const run = async () => {
      asked += 1;
      if (asked <= 5) throw errors.SERVICE_UNAVAILABLE();
    };
    const runner = start({ store, maxAttempts: 2, subscribers: [{ name: 's', on: 'member.joined', run }] });
    for (let outage = 0; outage < 5; outage += 1) {
      await runner.settled();
      advance(30_000);
    }
    expect([...rows.values()].map(({ attempts, dead }) => [attempts, dead])).toEqual([
      [0, false],
      [0, false],
    ]);
    await runner.settled();
    expect([rows.size, asked]).toEqual([0, 6]);
    expect(log.error).not.toHaveBeenCalled();
  });

  it('outlives a store that is away', async () => {
    const { store, worker, rows } = table([joined('e')]);
    const claim = vi.spyOn(worker, 'claim').mockRejectedValueOnce(new Error('away'));
    const runner = start({ store, subscribers: [{ name: 's', on: 'member.joined', run: async () => {} }] });
    await runner.settled();
    await runner.settled();
    expect(claim).toHaveBeenCalled();
    expect(rows.size).toBe(0);
  });

  it('waits for what runs when it stops, and takes no more', async () => {
    const { store, rows } = table([joined('slow')]);
    const gate = Promise.withResolvers<void>();
    const entered = Promise.withResolvers<void>();
    const runner = start({
      store,
      subscribers: [
        {
          name: 's',
          on: 'member.joined',
          run: () => {
            entered.resolve();
            return gate.promise;
          },
        },
      ],
    });
    await entered.promise;
    const stopping = runner.stop();
    gate.resolve();
    await stopping;
    expect(rows.size).toBe(0);
  });

  it('leaves a chance part off the back-off, so that what failed together does not come back together', async () => {
    const { store, rows } = table([joined('bad')]);
    const run = () => Promise.reject(new Error('not yet'));
    await start({ store, random: () => 1, subscribers: [{ name: 's', on: 'member.joined', run }] }).settled();
    expect(rows.get('bad')?.dueAt).toBe(750);
  });

  it('neither finishes nor fails what another worker has taken over', async () => {
    const { store, rows, calls } = table([joined('e')]);
    calls.lost = true;
    await start({ store, subscribers: [{ name: 's', on: 'member.joined', run: async () => expect.unreachable() }] }).settled();
    expect(rows.get('e')).toMatchObject({ attempts: 1, error: '', dead: false });
    expect(log.warn).toHaveBeenCalledOnce();
  });

  it('gives up on an event that ended its worker at every attempt', async () => {
    const { store, rows } = table([joined('deadly')]);
    Object.assign(rows.get('deadly') ?? {}, { attempts: 12 });
    await start({ store, subscribers: [{ name: 's', on: 'member.joined', run: async () => expect.unreachable() }] }).settled();
    expect(rows.get('deadly')).toMatchObject({ dead: true, error: expect.stringContaining('worker was lost') });
  });

  it('fails what a silent subscriber has, and gives up its claims, so that what it still does counts for nothing', async () => {
    const { store, rows, calls } = table([joined('a'), joined('b')]);
    const run = () => new Promise<void>(() => {});
    await start({ store, silenceMs: 1, subscribers: [{ name: 's', on: 'member.joined', run }] }).settled();
    expect([...rows.values()].map(({ error }) => error)).toEqual(Array(2).fill('Silence: s did not answer within 0.001 s'));
    expect(calls.givenUp).toBe(1);
  });
});
