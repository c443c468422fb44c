import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createSchedules } from './schedule.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());
const log = { error: vi.fn<() => void>() };

it('comes a fifth sooner or later each time, so that nodes started together do not stay together', async () => {
  const at: number[] = [];
  const began = Date.now();
  const chances = [0, 0.999, 0.5, 0.5];
  vi.spyOn(Math, 'random').mockImplementation(() => chances.shift() ?? 0.5);
  const schedule = createSchedules(log).every(1_000, 'test', async () => void at.push(Date.now() - began));
  await vi.advanceTimersByTimeAsync(4_000);
  expect(at).toEqual([800, 2_000, 3_000, 4_000]);
  await schedule.stop();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(at).toHaveLength(4);
});

it('runs once at a time, goes on after a failure, and tells a run that it is to stop', async () => {
  vi.spyOn(Math, 'random').mockReturnValue(0.5);
  const runs: PromiseWithResolvers<void>[] = [];
  let stopped = 0;
  const job = async (signal: AbortSignal) => {
    const run = Promise.withResolvers<void>();
    runs.push(run);
    signal.addEventListener('abort', () => {
      stopped += 1;
      run.resolve();
    });
    await run.promise;
  };
  const schedule = createSchedules(log).every(1_000, 'test', job);
  await vi.advanceTimersByTimeAsync(3_500);
  expect(runs).toHaveLength(1);
  runs[0]?.reject(new Error('not now'));
  await vi.advanceTimersByTimeAsync(1_000);
  expect(log.error).toHaveBeenCalledOnce();
  expect(runs).toHaveLength(2);
  await schedule.stop();
  // The one that ended long ago was told, too.
  expect(stopped).toBe(2);
});

it('runs at once when asked to, and once more when it was running already', async () => {
  const runs: PromiseWithResolvers<void>[] = [];
  const schedule = createSchedules(log).every(1_000_000, 'test', () => {
    const run = Promise.withResolvers<void>();
    runs.push(run);
    return run.promise;
  });
  schedule.run();
  expect(runs).toHaveLength(1);
  schedule.run();
  schedule.run();
  expect(runs).toHaveLength(1);
  runs[0]?.resolve();
  await vi.advanceTimersByTimeAsync(0);
  expect(runs).toHaveLength(2);
  runs[1]?.resolve();
  await vi.advanceTimersByTimeAsync(0);
  expect(runs).toHaveLength(2);
  await schedule.stop();
  schedule.run();
  expect(runs).toHaveLength(2);
});
