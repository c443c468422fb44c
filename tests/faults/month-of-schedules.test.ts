import { dueOf, type Timing } from '@coucou/application/kernel/timing';
import { findTimeZone } from '@coucou/domain/kernel/time-zone';
import type { AccountId } from '@coucou/domain/kernel/ids';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPglite } from '../storage/engines.ts';
import { storageOn, type TestStorage } from '../storage/test-storage.ts';
import { createPeople } from '../support/fixtures.ts';
import { simulateClock, type SimulatedClock } from '../support/simulated-clock.ts';
import { simulate } from './simulated-nodes.ts';

/** Another one each night; the one of a failure is printed, and given here again. */
const SEED = Number(process.env['SCHEDULES_SEED'] ?? 20_260_329);
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const ZONE = findTimeZone('Europe/Berlin');
if (ZONE === undefined) throw new Error('there is no zone Europe/Berlin');
const zone = ZONE;

/** A wall clock of the zone. */
type Wall = Readonly<{ minute: number; hour: number; day: number; month: number; weekday: number }>;

/** When each is due, said once for the scheduler and once for what it is judged by. */
const JOBS: Readonly<Record<string, Timing & { isTime: (wall: Wall) => boolean }>> = {
  everySixHours: { cron: '0 */6 * * *', isTime: ({ minute, hour }) => minute === 0 && hour % 6 === 0 },
  everyHour: { cron: '0 * * * *', isTime: ({ minute }) => minute === 0 },
  nightly: { cron: '0 2 * * *', isTime: ({ minute, hour }) => minute === 0 && hour === 2 },
  inTheGap: { cron: '30 2 * * *', isTime: ({ minute, hour }) => minute === 30 && hour === 2 },
  weekly: { cron: '15 5 * * sun', isTime: ({ minute, hour, weekday }) => minute === 15 && hour === 5 && weekday === 0 },
  monthly: { cron: '0 4 1 * *', isTime: ({ minute, hour, day }) => minute === 0 && hour === 4 && day === 1 },
  onLeapDays: { cron: '0 3 29 2 *', isTime: ({ minute, hour, day, month }) => minute === 0 && hour === 3 && day === 29 && month === 2 },
};

/** Times that a wall clock does not show, or shows twice, in UTC. */
const MOVED: Readonly<Record<string, readonly string[]>> = {
  nightly: ['2026-03-29T01:00:00.000Z'],
  inTheGap: ['2026-03-29T01:30:00.000Z'],
};
const SECOND_TIME: Readonly<Record<string, readonly string[]>> = {
  nightly: ['2026-10-25T01:00:00.000Z'],
  inTheGap: ['2026-10-25T01:30:00.000Z'],
};

/** By a look at the wall clock in every minute. */
function slotsOf(names: readonly string[], from: Date, to: Date): Map<string, number[]> {
  const slots = new Map<string, number[]>(names.map((name) => [name, []]));
  for (let at = from.getTime() + MINUTE; at < to.getTime(); at += MINUTE) {
    const local = new Date(zone.toLocal(new Date(at)));
    const wall = {
      minute: local.getUTCMinutes(),
      hour: local.getUTCHours(),
      day: local.getUTCDate(),
      month: local.getUTCMonth() + 1,
      weekday: local.getUTCDay(),
    };
    const text = new Date(at).toISOString();
    for (const [name, { isTime }] of Object.entries(JOBS))
      if (MOVED[name]?.includes(text) === true || (isTime(wall) && SECOND_TIME[name]?.includes(text) !== true)) slots.get(name)?.push(at);
  }
  return slots;
}

/** `SCHEDULES_LONG=1` (nightly): every month with the job of every hour, which is most of the runs. */
const isLong = process.env['SCHEDULES_LONG'] === '1';
const HOURLY = 'everyHour';

/** Faults of all kinds, counted. */
const met = new Map<string, number>();

let storage: TestStorage;
let account: AccountId;
let clock: SimulatedClock;
beforeAll(async () => {
  storage = storageOn(await openPglite());
  ({ account } = await createPeople(storage.uow));
  clock = await simulateClock(storage.owner, new Date(0), storage.main);
});
afterAll(() => storage.close());

describe.each([
  ['a month in which the clocks are put forward', '2026-03-01T00:00:00Z', '2026-04-01T00:00:00Z', isLong],
  ['the days on which they are', '2026-03-27T12:00:00Z', '2026-03-30T12:00:00Z', true],
  ['the days on which they are put back', '2026-10-23T12:00:00Z', '2026-10-26T12:00:00Z', true],
  ['a month with a leap day', '2028-02-01T00:00:00Z', '2028-03-02T12:00:00Z', isLong],
])('%s, with two nodes that fail', (_, start, end, isHourly) => {
  it(`runs every job once at each of its times (SCHEDULES_SEED=${SEED})`, async () => {
    const [from, to] = [new Date(start), new Date(end)];
    await storage.owner.use((session) => session.script('truncate schedule'));
    await clock.moveTo(from);
    const named = Object.entries(JOBS).filter(([name]) => isHourly || name !== HOURLY);
    const jobs = named.map(([name, timing], index) => ({ name, asks: index % 2 === 0, ...dueOf(name, timing, zone) }));
    const { done, written, errors, counts } = await simulate({ storage, account, clock, jobs, seed: SEED, from, to });
    let [own, caughtUp] = [0, 0];
    for (const [name, slots] of slotsOf(
      jobs.map((each) => each.name),
      from,
      new Date(to.getTime() + HOUR),
    )) {
      const runs = done.filter((run) => run.name === name);
      const times = runs.map(({ dueAt }) => dueAt.getTime());
      expect(new Set(times).size, `${name}: no time twice`).toBe(times.length);
      expect(
        times.filter((at) => !slots.includes(at)).map((at) => new Date(at)),
        `${name}: at its times only`,
      ).toEqual([]);
      // While both nodes were away nothing ran, and then once for all that was missed. The last times may be under way.
      for (const slot of slots.filter((at) => at < to.getTime() - 24 * HOUR)) {
        const isOwn = times.includes(slot);
        const by = runs.find(({ dueAt, startedAt }) => dueAt.getTime() < slot && startedAt.getTime() >= slot);
        expect(isOwn !== (by !== undefined), `${name} at ${new Date(slot).toISOString()}`).toBe(true);
        if (isOwn) own += 1;
        else caughtUp += 1;
      }
      // Whoever lost a job to another node writes no more.
      expect(written.filter((each) => each.name === name && !each.isHeld)).toEqual([]);
      const writers = written.filter((each) => each.name === name).map(({ id }) => id);
      expect(new Set(writers).size, `${name}: each run writes once, in its turn`).toBe(writers.length);
      expect(runs.filter(({ id }) => !writers.includes(id))).toEqual([]);
      const order = written.filter((each) => each.name === name).map(({ dueAt }) => dueAt);
      expect(order, `${name}: in the order of its times`).toEqual(order.toSorted((a, b) => a - b));
    }
    expect(errors.filter((text) => text.startsWith('a job failed'))).toEqual([]);
    expect(own).toBeGreaterThan(caughtUp);
    for (const [kind, count] of Object.entries(counts)) met.set(kind, (met.get(kind) ?? 0) + count);
  });
});

it('met what it is about', () => {
  expect([...met].filter(([, count]) => count === 0)).toEqual([]);
});
