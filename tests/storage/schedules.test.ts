import { randomUUID } from 'node:crypto';
import { operatorCall } from '@coucou/application/accounts/operator-call';
import { auditEntry } from '@coucou/application/audit/record-audit';
import type { Due } from '@coucou/application/kernel/timing';
import { createJobSchedules } from '@coucou/postgres/schedules/job-schedules';
import { createScheduleStore } from '@coucou/postgres/schedules/schedule-store';
import { jobActions } from '@coucou/domain/jobs/audit-actions';
import type { AccountId } from '@coucou/domain/kernel/ids';
import { systemClock } from '@coucou/runtime/clock';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createPeople, ids } from '../support/fixtures.ts';
import { simulateClock, type SimulatedClock } from '../support/simulated-clock.ts';
import { engines } from './engines.ts';
import { storageOn, type TestStorage } from './test-storage.ts';

const START = new Date('2026-06-01T00:30:00.000Z');
const HOUR = 3_600_000;
const after = (seconds: number): Date => new Date(START.getTime() + seconds * 1_000);
const hourly = (name: string, text = 'hourly'): Due & { name: string } => ({
  name,
  text,
  next: (at) => new Date((Math.floor(at.getTime() / HOUR) + 1) * HOUR),
});

describe.each(engines)('the schedules of %s', (engine, open) => {
  let storage: TestStorage;
  let account: AccountId;
  let clock: SimulatedClock;
  beforeAll(async () => {
    storage = storageOn(await open());
    ({ account } = await createPeople(storage.uow));
    clock = await simulateClock(storage.owner, START);
  });
  afterAll(() => storage.close());

  // Two nodes: what one has of the store is not in the store.
  const store = () => createScheduleStore(storage.main);
  const jobs = () => createJobSchedules(storage.main);
  const at = (seconds: number) => clock.moveTo(after(seconds));
  const claim = async (node: string, names = ['a']) => (await store().claim(names, node)).runs;
  const done = { outcome: 'done', next: after(2 * 3_600 - 1_800), report: { forgotten: 3 } } as const;

  beforeEach(async () => {
    await storage.owner.use((session) => session.script('truncate schedule'));
    await at(0);
    await store().declare([hourly('a')]);
  });

  it('come due once, for one node', async () => {
    await at(1_799);
    expect(await store().claim(['a'], 'left')).toEqual({ runs: [], waitMs: 1_000 });
    await at(1_800);
    const claims = (await Promise.all([claim('left'), claim('right'), claim('left')])).flat();
    expect(claims).toMatchObject([{ name: 'a', dueAt: after(1_800), startedAt: after(1_800), attempts: 1, takenFrom: undefined }]);
    const [run] = claims;
    if (run === undefined) return;
    expect((await store().claim(['a'], 'left')).waitMs).toBe(30_000);
    expect(await store().end(run, done)).toBe(3_600_000);
    expect(await jobs().list()).toMatchObject([
      {
        name: 'a',
        timing: 'hourly',
        dueAt: after(5_400),
        runAt: after(5_400),
        attempts: 0,
        overdueSeconds: 0,
        running: undefined,
        last: { report: { forgotten: 3 }, error: undefined },
      },
    ]);
    expect(await claim('right')).toEqual([]);
  });

  it('are only those that a node knows', async () => {
    await at(1_800);
    expect(await claim('left', ['b'])).toEqual([]);
  });

  it('are taken from a node that says nothing for a lease, which writes no more from then on', async () => {
    await at(1_800);
    const [run] = await claim('left');
    if (run === undefined) throw new Error('nothing was claimed');
    const write = () => storage.uow.write(account, async () => {});
    const lookAround = () => storage.uow.system('accounts', (tx) => tx.listAccounts());
    expect(await store().effect(run, write)).toBe(true);
    await at(1_829);
    expect(await store().renew([run.id])).toEqual(new Set([run.id]));
    await at(1_858);
    expect(await claim('right')).toEqual([]);
    await at(1_860);
    const [other] = await claim('right');
    expect(other).toMatchObject({ dueAt: after(1_800), attempts: 2, takenFrom: 'left' });
    expect(await store().effect(run, write)).toBe(false);
    expect(await store().effect(run, async () => void (await lookAround()))).toBe(false);
    expect(await store().renew([run.id])).toEqual(new Set());
    expect(await store().end(run, done)).toBeUndefined();
    if (other === undefined) return;
    expect(await store().effect(other, write)).toBe(true);
    expect(await store().end(other, done)).toBe(3_600_000 - 60_000);
  });

  // One connection serves all in the embedded database.
  it.runIf(engine === 'PostgreSQL')('are not taken while a transaction of the run is about to commit', async () => {
    await at(1_800);
    const [run] = await claim('left');
    if (run === undefined) throw new Error('nothing was claimed');
    const [begun, commit] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const effect = store().effect(run, () =>
      storage.uow.write(account, async () => {
        begun.resolve();
        await commit.promise;
      }),
    );
    await begun.promise;
    await at(1_900);
    expect(await claim('right')).toEqual([]);
    // One's own lease is extended meanwhile.
    expect(await store().renew([run.id])).toEqual(new Set([run.id]));
    await at(2_000);
    commit.resolve();
    expect(await effect).toBe(true);
    expect(await claim('right')).toMatchObject([{ takenFrom: 'left' }]);
  });

  it('are run once for all that was missed', async () => {
    await at(10 * 3_600);
    const [run] = await claim('left');
    expect(run).toMatchObject({ dueAt: after(1_800), startedAt: after(36_000) });
    if (run === undefined) return;
    await store().end(run, { ...done, next: hourly('a').next(run.startedAt) });
    expect(await jobs().list()).toMatchObject([{ dueAt: after(10 * 3_600 + 1_800), runAt: after(10 * 3_600 + 1_800) }]);
  });

  it('are tried again later and later after a failure, and at the next time at the latest', async () => {
    const waits: (number | undefined)[] = [];
    for (let seconds = 1_800; waits.length < 6; ) {
      await at(seconds);
      const [run] = await claim('left');
      if (run === undefined) throw new Error(`not due at ${seconds}`);
      expect(run.dueAt).toEqual(after(1_800));
      const next = waits.length < 5 ? after(100_000) : after(seconds + 5);
      const wait = await store().end(run, { outcome: 'failed', next, error: `attempt\0 ${run.attempts}` });
      waits.push(wait);
      seconds += (wait ?? 0) / 1_000;
    }
    expect(waits).toEqual([60_000, 180_000, 420_000, 900_000, 1_860_000, 5_000]);
    expect(await jobs().list()).toMatchObject([{ attempts: 6, last: { error: 'attempt 6', node: 'left', report: {} } }]);
    // A node that goes on dying of a job is left alone for longer each time, too.
    expect(await claim('left')).toEqual([]);
  });

  it('are at once for another node when one stops', async () => {
    await at(1_800);
    const [run] = await claim('left');
    if (run === undefined) throw new Error('nothing was claimed');
    expect(await store().end(run, { outcome: 'stopped' })).toBe(0);
    expect(await claim('right')).toMatchObject([{ dueAt: after(1_800), attempts: 1, takenFrom: undefined }]);
    expect(await jobs().list()).toMatchObject([{ last: undefined, running: { node: 'right', since: after(1_800) } }]);
  });

  it('keep what they missed when a node starts, and their new times when they have some', async () => {
    await at(10 * 3_600);
    await store().declare([hourly('a'), hourly('b')]);
    expect(await jobs().list()).toMatchObject([{ dueAt: after(1_800) }, { dueAt: after(10 * 3_600 + 1_800) }]);
    await store().declare([hourly('a', 'another')]);
    expect(await jobs().list()).toMatchObject([{ timing: 'another', dueAt: after(10 * 3_600 + 1_800) }, { name: 'b' }]);
  });

  it('come back to their times when the clock was ahead for a while', async () => {
    await at(300 * 86_400);
    const [run] = await claim('left');
    if (run === undefined) throw new Error('nothing was claimed');
    await store().end(run, { ...done, next: hourly('a').next(run.startedAt) });
    await at(60);
    await store().declare([hourly('a')]);
    expect(await jobs().list()).toMatchObject([{ dueAt: after(1_800), runAt: after(1_800) }]);
  });

  it('are forgotten a week after the last version that had the job', async () => {
    await store().declare([hourly('b')]);
    await at(6 * 86_400);
    await store().declare([hourly('b')]);
    expect(await jobs().list()).toHaveLength(2);
    await at(8 * 86_400);
    await store().declare([hourly('b')]);
    expect(await jobs().list()).toMatchObject([{ name: 'b' }]);
  });

  it('are run now when a person says so, and at their next time all the same', async () => {
    await at(60);
    const runNow = (name: string) => {
      const ordered = { details: { job: name } };
      return jobs().runNow(name, auditEntry({ clock: systemClock, ids }, operatorCall(account), jobActions.job_run_ordered, ordered));
    };
    const logged = () => storage.ask('coucou_app', account, `select id from audit_entry where action = 'job_run_ordered'`);
    expect(await runNow('a')).toBe(true);
    expect(await logged()).toHaveLength(1);
    expect(await runNow(randomUUID())).toBe(false);
    const [run] = await claim('left');
    expect(run).toMatchObject({ dueAt: after(60) });
    if (run === undefined) return;
    expect(await runNow('a')).toBe(false);
    // Nothing came of it.
    expect(await logged()).toHaveLength(1);
    await store().end(run, { ...done, next: hourly('a').next(run.startedAt) });
    expect(await jobs().list()).toMatchObject([{ dueAt: after(1_800) }]);
  });
});
