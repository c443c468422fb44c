import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createPace, type Pace } from './pace.ts';
import { pause, spread } from './spread.ts';

const EVERY_MS = 30_000;
const GRACE_MS = 1_000;
const { signal } = new AbortController();

/** When the last of what was found missing was told, in milliseconds since the test began. */
let told: number[];
let began: number;
beforeEach(() => {
  vi.useFakeTimers();
  // The last moment of the period.
  vi.spyOn(Math, 'random').mockReturnValue(0.999);
  began = Date.now();
  told = [];
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const begin = (pace: Pace): Promise<void> =>
  pace.of(async (stopping) => {
    await pause(GRACE_MS, stopping);
    await spread([() => void told.push(Date.now() - began)], pace.spreadMs(), stopping);
  })(signal);

it('spreads what a comparison tells over a sixth of the interval, and over 1.5 s when it is urgent', async () => {
  const pace = createPace(EVERY_MS);
  await Promise.all([begin(pace), vi.runAllTimersAsync()]);
  began = Date.now();
  pace.hurry();
  await Promise.all([begin(pace), vi.runAllTimersAsync()]);
  began = Date.now();
  await Promise.all([begin(pace), vi.runAllTimersAsync()]);
  expect(told).toEqual([5_750, 2_425, 5_750]);
});

it('ends a comparison that is not urgent for one that is, which is told in time', async () => {
  const pace = createPace(EVERY_MS);
  const relaxed = begin(pace);
  await vi.advanceTimersByTimeAsync(1_500);
  pace.hurry();
  await relaxed;
  await Promise.all([begin(pace), vi.runAllTimersAsync()]);
  expect(told).toEqual([1_500 + 2_425]);
});

it('does not end an urgent comparison, however often the bus recovers meanwhile', async () => {
  const pace = createPace(EVERY_MS);
  pace.hurry();
  const urgent = begin(pace);
  for (const _ of [1, 2, 3]) {
    await vi.advanceTimersByTimeAsync(500);
    pace.hurry();
  }
  await Promise.all([urgent, vi.runAllTimersAsync()]);
  expect(told).toEqual([2_425]);
});
