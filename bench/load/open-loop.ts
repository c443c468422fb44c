import { Worker } from 'node:worker_threads';
import type { Tick, TickerPlan } from './ticker.ts';

const TICK_MS = 0.5;

/**
 * Calls `send` at a fixed rate, come what may, with the time at which it was due by `performance.now()`: a beat that came while this thread was
 * busy is made up for, each call with the time it should have had.
 */
export async function openLoop({ seconds, rate }: Readonly<{ seconds: number; rate: number }>, send: (due: number) => void): Promise<void> {
  const ticks = Math.ceil((seconds * 1000) / TICK_MS);
  const sinceHrtime = performance.now() - Number(process.hrtime.bigint()) / 1e6;
  const worker = new Worker(new URL('./ticker.ts', import.meta.url), { workerData: { everyMs: TICK_MS, ticks } satisfies TickerPlan });
  let done = 0;
  let sent = 0;
  worker.on('message', ({ tick, startAt }: Tick) => {
    const start = startAt + sinceHrtime;
    for (; done <= tick; done += 1) {
      const due = Math.floor(((done + 1) * TICK_MS * rate) / 1000);
      for (; sent < due; sent += 1) send(start + done * TICK_MS);
    }
  });
  await new Promise<void>((resolve, reject) => {
    worker.on('error', reject);
    worker.on('exit', () => resolve());
  });
}
