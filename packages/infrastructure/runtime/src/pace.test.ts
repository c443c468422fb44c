import { describe, expect, it } from 'vitest';
import { nextSize, restAfter } from './pace.ts';

describe('the pace of the outbox', () => {
  it('rests while others wait, the more the longer they do, and never more than three times its work', () => {
    expect([0, 10, 15, 20, 40, 500].map((waitedMs) => restAfter(20, waitedMs, waitedMs))).toEqual([0, 0, 10, 20, 60, 60]);
    expect(restAfter(10_000, 40, 40)).toBe(1_000);
  });

  it('does not rest for one stall, however long', () => {
    expect(restAfter(20, 500, 0)).toBe(0);
    expect(restAfter(20, 0, 500)).toBe(0);
    expect(restAfter(20, 500, 15)).toBe(10);
  });

  it('takes more at a time while it is behind and rounds are short, and what it began with otherwise', () => {
    expect(nextSize(256, 256, { isFull: true, workedMs: 20 })).toBe(512);
    expect(nextSize(1_024, 256, { isFull: true, workedMs: 20 })).toBe(1_024);
    expect(nextSize(512, 256, { isFull: true, workedMs: 150 })).toBe(512);
    expect(nextSize(512, 256, { isFull: true, workedMs: 300 })).toBe(256);
    expect(nextSize(1_024, 256, { isFull: false, workedMs: 20 })).toBe(256);
    expect(nextSize(2_000, 2_000, { isFull: true, workedMs: 20 })).toBe(2_000);
  });
});
