import { describe, expect, it } from 'vitest';
import { addSeconds, isPast, secondsUntil } from './time.ts';

const noon = new Date('2026-01-15T12:00:00.000Z');

describe('time', () => {
  it('adds seconds without touching the instant it was given', () => {
    expect(addSeconds(noon, 90)).toEqual(new Date('2026-01-15T12:01:30.000Z'));
    expect(noon).toEqual(new Date('2026-01-15T12:00:00.000Z'));
  });

  it('rounds a wait up to whole seconds, and never down to none', () => {
    expect(secondsUntil(addSeconds(noon, 90.2), noon)).toBe(91);
    expect(secondsUntil(addSeconds(noon, 90), noon)).toBe(90);
    expect([secondsUntil(noon, noon), secondsUntil(addSeconds(noon, -5), noon)]).toEqual([1, 1]);
  });

  it('counts the instant itself as past, so that what ends now has ended', () => {
    expect(isPast(noon, noon)).toBe(true);
    expect(isPast(addSeconds(noon, 0.001), noon)).toBe(false);
  });
});
