import { setTimeout as pause } from 'node:timers/promises';
import { check } from '../faults/checkers/check.ts';
import { readAll, untilCaughtUp } from '../faults/harness/catch-up.ts';
import type { Device } from '../faults/harness/device.ts';
import { readFinalState } from '../faults/harness/final-state.ts';
import { type Population, populate } from '../faults/harness/population.ts';
import type { Attempt } from '../faults/harness/recorder.ts';
import { startTraffic } from '../faults/harness/traffic.ts';

/**
 * Messages that the checkers judge, in windows: each has people, groups and a log of its own, which is judged and forgotten before the next
 * begins. So the memory that judging takes does not grow with the run.
 */
export type JudgedTraffic = Readonly<{
  totals: Readonly<{ windows: number; messages: number; entries: number; connects: number }>;
  /** Attempts at sending since this was last asked. */
  takeAttempts: () => Attempt[];
  /** Ends the window that is under way, judges it, and disconnects everybody. */
  stop: () => Promise<void>;
}>;

export type JudgedTrafficOptions = Readonly<{
  urls: readonly string[];
  /** The database as a superuser. */
  adminUrl: string;
  clients: number;
  seed: number;
  /** Of each device, on average. */
  pauseMs: number;
  windowMs: number;
  finding: (what: string) => void;
}>;

const AWAY_MS = 1_000;

export function startJudgedTraffic({ windowMs, finding, seed, pauseMs, adminUrl, urls, clients }: JudgedTrafficOptions): JudgedTraffic {
  const stopping = new AbortController();
  const totals = { windows: 0, messages: 0, entries: 0, connects: 0 };
  const earlier: Attempt[] = [];
  let attempts: Attempt[] = [];
  const lasting = (ms: number) => pause(ms, undefined, { signal: stopping.signal }).catch(() => {});

  /** Some connection ends, or stops reading, and is back a moment later. */
  async function disturb({ devices, random }: Population, until: AbortSignal): Promise<void> {
    while (!until.aborted) {
      await pause(pauseMs, undefined, { signal: until }).catch(() => {});
      const device = devices[Math.floor(random() * devices.length)];
      if (device !== undefined) await (random() < 0.5 ? stall(device) : absent(device));
    }
  }

  async function window(number: number): Promise<void> {
    // People sign up at the first.
    const population = await populate({ urls: number % 2 === 0 ? urls : urls.toReversed(), clients, seed: seed + number });
    const { devices, recorder, groups } = population;
    attempts = recorder.attempts;
    try {
      for (const device of devices) await device.start();
      await untilCaughtUp({ devices, adminUrl });
      const ended = new AbortController();
      const traffic = startTraffic(population, pauseMs);
      const disturbing = disturb(population, ended.signal);
      await lasting(windowMs);
      ended.abort();
      await disturbing;
      await traffic.stop();
      await untilCaughtUp({ devices, adminUrl });
      for (const device of devices.filter((_, at) => at % 4 === 0)) await readAll(population, device);
      const { rows, conversations, memberships } = await readFinalState(adminUrl);
      const own = new Set(groups);
      const history = {
        log: recorder.log,
        rows: rows.filter(({ conversation }) => own.has(conversation)),
        conversations: conversations.filter(({ id }) => own.has(id)),
        memberships: memberships.filter(({ conversation }) => own.has(conversation)),
        complete: devices,
      };
      for (const { checker, what } of check(history)) finding(`${checker}: ${what}`);
      totals.windows += 1;
      totals.messages += history.rows.length;
      totals.entries += recorder.log.length;
      totals.connects += devices.reduce((sum, device) => sum + device.connects(), 0);
    } finally {
      earlier.push(...attempts.splice(0));
      await Promise.all(devices.map((device) => device.stop()));
    }
  }

  async function run(): Promise<void> {
    for (let number = 0; !stopping.signal.aborted; number += 1)
      await window(number).catch((error: unknown) => finding(error instanceof Error ? error.message : String(error)));
  }
  const running = run();
  return {
    totals,
    takeAttempts: () => [...earlier.splice(0), ...attempts.splice(0)],
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

async function absent(device: Device): Promise<void> {
  await device.leave();
  await pause(AWAY_MS);
  device.back();
}

async function stall(device: Device): Promise<void> {
  const socket = device.socket()?.socket;
  if (socket === undefined || !('pause' in socket)) return;
  socket.pause();
  await pause(AWAY_MS);
  socket.resume();
}
