import { nextCron, parseCron } from '@coucou/domain/kernel/cron';
import type { Instant } from '@coucou/domain/kernel/ids';
import type { TimeZone } from '@coucou/domain/kernel/time-zone';

/** When a job is due: again and again after so many milliseconds, or at the times of a cron expression of five fields. */
export type Timing = Readonly<{ everyMs: number; cron?: never }> | Readonly<{ cron: string; everyMs?: never }>;

/** When a job is due, as text for people, and the first time after another. */
export type Due = Readonly<{ text: string; next: (after: Instant) => Instant }>;

const UNITS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
type Unit = keyof typeof UNITS;
const LONGEST_DAYS = 31;

/** `every 10m`, or a cron expression. Throws a `RangeError` that names the fault. */
export function parseTiming(text: string): Timing {
  if (!/^every\b/.test(text)) return { cron: parseCron(text).text };
  const [, count = '', unit = ''] = /^every\s+(\d{1,6})([smhd])$/.exec(text) ?? [];
  const everyMs = Number(count) * (UNITS[unit as Unit] ?? 0);
  if (!(everyMs >= 1_000 && everyMs <= LONGEST_DAYS * UNITS.d))
    throw new RangeError(`${JSON.stringify(text)} is no interval: write "every 30s", 10m, 1h or 7d, from 1s to ${LONGEST_DAYS}d`);
  return { everyMs };
}

/**
 * Of the job of this name. The times of an interval do not depend on when a node started: they are its multiples since 1970, shifted by a
 * part of it that the name decides, so that not all hourly jobs come at once.
 */
export function dueOf(name: string, timing: Timing, zone: TimeZone): Due {
  if (timing.cron !== undefined) {
    const cron = parseCron(timing.cron);
    return { text: `${cron.text} ${zone.name}`, next: (after) => nextCron(cron, zone, after) };
  }
  const { everyMs } = timing;
  const shift = hash(name) % everyMs;
  const next = (after: Instant) => new Date((Math.floor((after.getTime() - shift) / everyMs) + 1) * everyMs + shift);
  return { text: `every ${interval(everyMs)}`, next };
}

function interval(ms: number): string {
  const [unit = 's', size = 1_000] = Object.entries(UNITS).findLast(([, each]) => ms % each === 0) ?? [];
  return `${ms / size}${unit}`;
}

/** FNV-1a. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const character of text) value = Math.imul(value ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  return value;
}
