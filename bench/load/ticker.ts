import { parentPort as parent, workerData } from 'node:worker_threads';

export type TickerPlan = Readonly<{ everyMs: number; ticks: number }>;
/** `startAt` is when the first tick was due, in milliseconds of `process.hrtime`. */
export type Tick = Readonly<{ tick: number; startAt: number }>;

/**
 * A steady beat for the open loop. Node's timers wake on a grid of milliseconds that slides, which would add up to a
 * millisecond to every latency; a thread asleep until an absolute time is late by some 50 µs.
 */
const { everyMs, ticks } = workerData as TickerPlan;
const never = new Int32Array(new SharedArrayBuffer(4));
const now = () => Number(process.hrtime.bigint()) / 1e6;
// Counted from here, because a thread takes longer to start the busier the machine is: otherwise the first messages would be due before
// anything could have sent them.
const startAt = now();

for (let tick = 0; tick < ticks; tick += 1) {
  const wait = startAt + tick * everyMs - now();
  if (wait > 0) Atomics.wait(never, 0, 0, wait);
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- that is a browser window's, this is a thread
  parent?.postMessage({ tick, startAt } satisfies Tick);
}
