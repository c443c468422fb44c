import type { Instant } from './ids.ts';
import { addSeconds } from './time.ts';

/** Up to a quarter less by chance, so that what failed together does not come back together. */
const JITTER = 0.25;

/** `chance`: from 0 to 1. */
export const jittered = (seconds: number, chance: () => number): number => seconds * (1 - JITTER * chance());

/** The time of a `Retry-After` (RFC 9110, 10.2.3: seconds or a date), so far ahead at most; undefined for what is neither, or past. */
export function retryAfter(header: string | undefined, now: Instant, mostSeconds: number): Instant | undefined {
  if (header === undefined) return undefined;
  const seconds = /^\d{1,9}$/.test(header.trim()) ? Number(header) : (Date.parse(header) - now.getTime()) / 1_000;
  return seconds > 0 ? addSeconds(now, Math.min(seconds, mostSeconds)) : undefined;
}
