import type { Instant } from './ids.ts';

export const addSeconds = (at: Instant, seconds: number): Instant => new Date(at.getTime() + seconds * 1000);

/** Whole seconds from `now` until `at`, at least one: how long to wait before trying again. */
export const secondsUntil = (at: Instant, now: Instant): number => Math.max(1, Math.ceil((at.getTime() - now.getTime()) / 1000));

export const isPast = (at: Instant, now: Instant): boolean => at.getTime() <= now.getTime();

/** A time until which something holds, where it holds at all: one that is past ends it, as null does. */
export const future = (until: Instant | null, now: Instant): Instant | undefined =>
  until === null || isPast(until, now) ? undefined : until;
