import { parentPort as parent, workerData } from 'node:worker_threads';

/**
 * A steady beat for the open loop. Node's timers wake on a grid of milliseconds that slides, which would add up to a
 * millisecond to every latency; a thread asleep until an absolute time is late by some 50 µs.
 */
const { startAt, everyMs, ticks } = workerData as { startAt: number; everyMs: number; ticks: number };
const never = new Int32Array(new SharedArrayBuffer(4));

for (let tick = 0; tick < ticks; tick += 1) {
  const wait = startAt + tick * everyMs - Number(process.hrtime.bigint()) / 1e6;
  if (wait > 0) Atomics.wait(never, 0, 0, wait);
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- that is a browser window's, this is a thread
  parent?.postMessage(tick);
}
