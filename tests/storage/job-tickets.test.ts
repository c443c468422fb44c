import type { Ticket } from '@coucou/application/ports/job-queue';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { engines } from './engines.ts';
import { type JobHarness, jobHarness } from './job-harness.ts';

describe.each(engines)('a ticket for a job on %s', (_, open) => {
  let h: JobHarness;
  beforeAll(async () => {
    h = await jobHarness(await open());
  });
  afterAll(() => h.storage.close());
  beforeEach(() => h.empty());

  async function claimed(count = 1) {
    await h.due('job.due', count);
    const { events, by } = await h.store().dispatcher(['job.due']).claim(count);
    return events.map(({ event }): Ticket => ({ account: h.account, event: event.id, claim: by, queue: 'normal' }));
  }

  it('is good for one run, and an attempt begins with that', async () => {
    const [ticket] = (await claimed()) as [Ticket];
    expect(await h.rows()).toMatchObject([{ attempts: 0, running: false }]);
    const [one, two] = [h.store().jobWorker(), h.store().jobWorker()];
    const [taken] = await one.take([ticket, ticket]);
    expect(taken).toMatchObject({ attempts: 1, claim: ticket.claim, event: { id: ticket.event, account: h.account, type: 'job.due' } });
    expect(await one.take([ticket])).toEqual([]);
    expect(await two.take([ticket])).toEqual([]);
    expect(await h.rows()).toMatchObject([{ attempts: 1, running: true }]);
  });

  it('is worth nothing once its claim is over, and whoever finds the event again makes another', async () => {
    const [old] = (await claimed()) as [Ticket];
    await h.silence();
    const dispatcher = h.store().dispatcher(['job.due']);
    expect(await dispatcher.releaseExpired()).toBe(1);
    const { by } = await dispatcher.claim(1);
    const worker = h.store().jobWorker();
    const [taken] = await worker.take([old, { ...old, claim: by }]);
    expect(taken).toMatchObject({ attempts: 1, claim: by });
  });

  it('is taken by one of many', async () => {
    const tickets = await claimed(30);
    const taken = await Promise.all(Array.from({ length: 4 }, () => h.store().jobWorker().take(tickets)));
    expect(
      taken
        .flat()
        .map(({ event }) => event.id)
        .toSorted(),
    ).toEqual(tickets.map(({ event }) => event).toSorted());
  });

  it('whose worker sleeps beyond its lease: its effects are not kept, and it neither finishes nor fails what is another’s', async () => {
    const [ticket] = (await claimed()) as [Ticket];
    const [asleep, awake] = [h.store().jobWorker(), h.store().jobWorker()];
    const [taken] = await asleep.take([ticket]);
    if (taken === undefined) throw new Error('not taken');
    await h.silence();
    const dispatcher = h.store().dispatcher(['job.due']);
    await dispatcher.releaseExpired();
    const { by } = await dispatcher.claim(1);
    const [again] = await awake.take([{ ...ticket, claim: by }]);
    expect(again).toMatchObject({ attempts: 2 });
    expect(await asleep.effect(taken, () => h.storage.transactions.write(h.account, async () => {}))).toBe(false);
    await asleep.progress([{ taken, share: 0.9 }]);
    await asleep.done([taken]);
    await asleep.failed(taken, { event: taken.event, reason: 'late', retryInMs: undefined, counts: true });
    expect(await h.rows()).toMatchObject([{ attempts: 2, dead: false, last_error: null, running: true, progress: null }]);
    if (again !== undefined) await awake.done([again]);
    expect(await h.rows()).toEqual([]);
  });

  it.each([
    ['that is cut within a character', `${'x'.repeat(999)}\u{1f600}`],
    ['with half of a surrogate pair', 'half \ud83d of a pair'],
    ['with a NUL', 'a NUL \0'],
  ])('fails with a reason %s', async (_what, reason) => {
    const [ticket] = (await claimed()) as [Ticket];
    const worker = h.store().jobWorker();
    const [taken] = await worker.take([ticket]);
    if (taken === undefined) throw new Error('not taken');
    await worker.failed(taken, { event: taken.event, reason, retryInMs: undefined, counts: true });
    expect(await h.rows()).toMatchObject([{ dead: true, running: false, last_error: expect.stringContaining(reason.slice(0, 4)) }]);
  });

  it('that is none leaves the others and what runs alone', async () => {
    const [one, two] = (await claimed(2)) as [Ticket, Ticket];
    const worker = h.store().jobWorker();
    const [running] = await worker.take([one]);
    const forged = [
      { ...two, account: 'x' },
      { ...two, claim: '' },
      { ...two, event: undefined },
    ] as unknown as Ticket[];
    const [taken] = await worker.take([...forged, two]);
    expect([taken?.event.id, taken?.by]).toEqual([two.event, running?.by]);
  });

  it('keeps the old claim out after the worker got another id', async () => {
    const [one, two] = (await claimed(2)) as [Ticket, Ticket];
    const worker = h.store().jobWorker();
    const [taken] = await worker.take([one]);
    if (taken === undefined) throw new Error('not taken');
    await worker.giveUp(taken.by);
    await worker.take([two]);
    expect(await worker.effect(taken, () => h.storage.transactions.write(h.account, async () => {}))).toBe(false);
  });
});
