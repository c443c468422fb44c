import type { Instant } from './ids.ts';

export const addSeconds = (at: Instant, seconds: number): Instant => new Date(at.getTime() + seconds * 1000);

export const isPast = (at: Instant, now: Instant): boolean => at.getTime() <= now.getTime();

/** A time until which something holds, where it holds at all: one that is past ends it, as null does. */
export const future = (until: Instant | null, now: Instant): Instant | undefined =>
  until === null || isPast(until, now) ? undefined : until;
