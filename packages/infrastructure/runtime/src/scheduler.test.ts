import { noMetrics } from '@coucou/application/metrics/no-metrics';
import { describe, expect, it } from 'vitest';
import type { ScheduleStore } from './schedule-store.ts';
import { createScheduler } from './scheduler.ts';

const at = new Date('2026-01-01T00:00:00Z');
const claimed = { id: 'run-1', name: 'audit.seal', dueAt: at, startedAt: at, attempts: 1, takenFrom: undefined };

/** A scheduler with one run, which lasts until `work` is resolved, and whose lease is gone when it is renewed. */
function scheduling() {
  const work = Promise.withResolvers<void>();
  const ending = Promise.withResolvers<void>();
  const endWritten = Promise.withResolvers<void>();
  const lines: string[] = [];
  const runs = [claimed];
  let renewal: (() => void) | undefined;
  let whileRenewed = async () => {};
  const store: ScheduleStore = {
    leaseMs: 33_000,
    declare: async () => {},
    claim: async () => ({ runs: runs.splice(0), waitMs: undefined }),
    async renew() {
      await whileRenewed();
      return new Set();
    },
    async effect(_, run) {
      await run();
      return true;
    },
    async end() {
      ending.resolve();
      await endWritten.promise;
      return 60_000;
    },
  };
  const say = (...said: unknown[]) => void lines.push(String(said[1]));
  const scheduler = createScheduler({
    store,
    jobs: [{ name: claimed.name, text: 'every 10s', next: () => at, run: () => work.promise.then(() => ({})) }],
    node: 'node-1',
    metrics: noMetrics,
    log: { info: say, warn: say, error: say },
    timers: {
      now: () => 0,
      after(ms, run) {
        if (ms === store.leaseMs / 3) renewal = run;
        return () => {};
      },
    },
  });
  return {
    lines,
    async start(renewing: () => Promise<void>) {
      whileRenewed = renewing;
      scheduler.start();
      await expect.poll(() => renewal).toBeDefined();
      renewal?.();
    },
    finish: () => work.resolve(),
    ending: ending.promise,
    async stop() {
      work.resolve();
      endWritten.resolve();
      await scheduler.stop();
    },
  };
}

describe('a run whose lease is gone when it is renewed', () => {
  it('was taken by another node', async () => {
    const { start, stop, lines } = scheduling();
    await start(async () => {});
    await expect.poll(() => lines).toContain('the run of a job was taken by another node');
    await stop();
  });

  it('has ended by itself, where its end was being written', async () => {
    const { start, finish, ending, stop, lines } = scheduling();
    await start(() => (finish(), ending));
    await ending;
    await stop();
    expect(lines).toEqual([]);
  });
});
