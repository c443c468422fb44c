import { describe, expect, it } from 'vitest';
import { aheadMs, intervalMs, MOST_WINDOWS_AHEAD, msToToken, takeTokens, tokensLeft, windowMs } from './gcra.ts';
import type { Rate } from '@coucou/domain/kernel/rate';

const rate: Rate = { limit: 10, windowSeconds: 5 };
const NOW = 1_000_000;

describe('a bucket', () => {
  it('is full at first, and holds a burst of the whole limit', () => {
    expect(tokensLeft(rate, 0, NOW)).toBe(10);
    const tats = [0];
    for (let taken = 1; taken <= 10; taken += 1) {
      tats.push(takeTokens(rate, tats.at(-1) ?? 0, NOW, 1));
      expect(tokensLeft(rate, tats.at(-1) ?? 0, NOW)).toBe(10 - taken);
    }
  });

  it('gets one token back per interval, and none before', () => {
    const empty = takeTokens(rate, 0, NOW, 10);
    expect(msToToken(rate, empty, NOW)).toBe(500);
    expect(tokensLeft(rate, empty, NOW + 499)).toBe(0);
    expect(msToToken(rate, empty, NOW + 499)).toBe(1);
    expect(tokensLeft(rate, empty, NOW + 500)).toBe(1);
    expect(msToToken(rate, empty, NOW + 500)).toBe(0);
    expect(tokensLeft(rate, empty, NOW + 5_000)).toBe(10);
    expect(tokensLeft(rate, empty, NOW + 500_000)).toBe(10);
  });

  it.each([1, 3, 7, 30, 100, 600, 999_983])('of %i tokens has exactly so many, however they are taken', (limit) => {
    const odd = { limit, windowSeconds: 7 };
    let tat = 0;
    for (let taken = 0; taken < Math.min(limit, 1_000); taken += 1) {
      expect(tokensLeft(odd, tat, NOW)).toBe(limit - taken);
      tat = takeTokens(odd, tat, NOW, 1);
    }
    expect(tokensLeft(odd, takeTokens(odd, 0, NOW, limit), NOW)).toBe(0);
  });

  it('takes back what is given back, and no more than it holds', () => {
    const two = takeTokens(rate, 0, NOW, 2);
    expect(tokensLeft(rate, takeTokens(rate, two, NOW, -1), NOW)).toBe(9);
    expect(tokensLeft(rate, takeTokens(rate, two, NOW, -50), NOW)).toBe(10);
    expect(takeTokens(rate, two, NOW, -50)).toBe(NOW);
  });

  it('owes what nodes took by themselves, up to two windows', () => {
    const owing = takeTokens(rate, 0, NOW, 15);
    expect(tokensLeft(rate, owing, NOW)).toBe(0);
    expect(msToToken(rate, owing, NOW)).toBe(6 * intervalMs(rate));
    expect(aheadMs(rate, takeTokens(rate, 0, NOW, 1_000), NOW)).toBe(MOST_WINDOWS_AHEAD * windowMs(rate));
  });

  it('is empty, not closed, after the clock was set back', () => {
    const used = takeTokens(rate, 0, NOW, 3);
    expect(tokensLeft(rate, used, NOW - 3_600_000)).toBe(0);
    expect(msToToken(rate, used, NOW - 3_600_000)).toBe(intervalMs(rate));
  });

  it('reads what is no number as full', () => {
    expect(tokensLeft(rate, Number.NaN, NOW)).toBe(10);
  });
});
