import { asId } from '@coucou/domain/kernel/ids';
import { describe, expect, it } from 'vitest';
import type { TrafficRule } from '../ports/traffic-limiter.ts';
import { createTokenBuckets } from './token-buckets.ts';

const rule: TrafficRule = {
  name: 'messages',
  rates: [
    { limit: 30, windowSeconds: 60 },
    { limit: 10, windowSeconds: 5 },
  ],
};

function open(mostBuckets?: number) {
  let at = 0;
  const buckets = createTokenBuckets({ now: () => at, ...(mostBuckets !== undefined && { mostBuckets }) });
  const take = (key: string, times = 1) =>
    Array.from({ length: times }, () => buckets.take(buckets.of(rule, key))).filter(({ isAllowed }) => isAllowed).length;
  return { buckets, take, pass: (ms: number) => void (at += ms) };
}

describe('token buckets', () => {
  it('hold every rate of a rule, and take nothing where one refuses', () => {
    const { buckets, take, pass } = open();
    expect(take('alice', 50)).toBe(10);
    const bucket = buckets.of(rule, 'alice');
    expect(buckets.quota(bucket, false)).toEqual({
      rule,
      isAllowed: false,
      rate: rule.rates[1],
      remaining: 0,
      retryAfterMs: 500,
      fullInMs: 20_000,
    });
    // The longer rate had no part in the 40 refusals: 10 of its 30 are gone, and 2 came back.
    pass(5_000);
    expect(take('alice', 50)).toBe(10);
    pass(5_000);
    expect(take('alice', 50)).toBe(10);
    pass(5_000);
    expect(take('alice', 50)).toBe(7);
    expect(buckets.quota(bucket, false)).toMatchObject({ rate: rule.rates[0], remaining: 0 });
  });

  it('tells what is left of the rate that is nearest to its end', () => {
    const { buckets, take } = open();
    take('alice', 3);
    expect(buckets.quota(buckets.of(rule, 'alice'), true)).toMatchObject({ rate: rule.rates[1], remaining: 7, retryAfterMs: 0 });
  });

  it('keep keys, accounts and rules apart', () => {
    const { buckets, take } = open();
    take('alice', 10);
    expect(take('bob', 10)).toBe(10);
    expect(buckets.take(buckets.of({ ...rule, name: 'other' }, 'alice')).isAllowed).toBe(true);
    expect(buckets.take(buckets.of(rule, 'alice', asId('acme'))).isAllowed).toBe(true);
  });

  it('are swept when they are full again, whatever is owed', () => {
    const { buckets, take, pass } = open();
    for (let at = 0; at < 100; at += 1) take(`stranger ${at}`);
    buckets.of(rule, 'stranger 1').owed = 1;
    pass(60_000);
    take('alice');
    expect(buckets.size()).toBe(1);
  });

  it('forget the oldest when there are too many', () => {
    const { buckets, take } = open(100);
    take('alice', 10);
    for (let at = 0; at < 1_000; at += 1) take(`stranger ${at}`);
    expect(buckets.size()).toBe(100);
    expect(take('alice', 10)).toBe(10);
  });
});
