import type { Instant } from './ids.ts';

export const addSeconds = (at: Instant, seconds: number): Instant => new Date(at.getTime() + seconds * 1000);

export const isPast = (at: Instant, now: Instant): boolean => at.getTime() <= now.getTime();
