import type { Rate } from '@coucou/domain/kernel/rate';

/**
 * The generic cell rate algorithm (GCRA, ITU-T I.371): a token bucket whose whole state is one number. The theoretical arrival time (TAT) is when the
 * bucket is full again; each token moves it by one interval, and it may lie at most a window ahead of now.
 */

/** As many windows a TAT may be ahead: nodes that counted by themselves for a while bring more than a bucket holds. */
export const MOST_WINDOWS_AHEAD = 2;

export const windowMs = ({ windowSeconds }: Rate): number => windowSeconds * 1_000;

/** Milliseconds in which one token comes back. */
export const intervalMs = (rate: Rate): number => windowMs(rate) / rate.limit;

/**
 * How far a TAT is ahead of now, in milliseconds. One that is further than any use can bring it was written before the clock was set back: the
 * bucket then counts as empty, so that its next token comes an interval later and not when the clock is where it was.
 */
export function aheadMs(rate: Rate, tat: number, now: number): number {
  const ahead = tat - now;
  if (!(ahead > 0)) return 0;
  return ahead > MOST_WINDOWS_AHEAD * windowMs(rate) ? windowMs(rate) : ahead;
}

/** Sums of intervals are not exact in floating point: a token that lacks less than this is there. */
const ROUNDING = 1e-6;

/** How many tokens there are in a bucket that is so far ahead. */
export const tokensIn = (rate: Rate, ahead: number): number =>
  Math.max(0, Math.floor((windowMs(rate) - ahead) / intervalMs(rate) + ROUNDING));

/** How many tokens there are now. */
export const tokensLeft = (rate: Rate, tat: number, now: number): number => tokensIn(rate, aheadMs(rate, tat, now));

/** The TAT after so many tokens were taken, whether they were there or not; a negative count gives tokens back. */
export function takeTokens(rate: Rate, tat: number, now: number, count: number): number {
  const ahead = aheadMs(rate, tat, now) + count * intervalMs(rate);
  return now + Math.min(Math.max(0, ahead), MOST_WINDOWS_AHEAD * windowMs(rate));
}

/** Milliseconds until there is a token: 0 when there is one. */
export const msToToken = (rate: Rate, tat: number, now: number): number =>
  tokensLeft(rate, tat, now) > 0 ? 0 : aheadMs(rate, tat, now) + intervalMs(rate) - windowMs(rate);
