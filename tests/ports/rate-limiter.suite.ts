import { randomUUID } from 'node:crypto';
import type { RateLimit, RateLimiter } from '@coucou/application/ports/rate-limiter';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../support/until.ts';
import { hostileKeys } from './hostile-keys.ts';

export type LimitersUnderTest = Readonly<{
  /** Of one node, or of several that count together. */ nodes: readonly RateLimiter[];
  close(): Promise<void>;
}>;

export const ruleOf = (limit: number, windowSeconds = 600): RateLimit => ({ name: 'guess', limit, windowSeconds });

/** How many of these were let through. */
export async function takeMany(nodes: readonly RateLimiter[], times: number, rule: RateLimit, key: string): Promise<number> {
  const takes = Array.from({ length: times }, (_, at) => (nodes[at % nodes.length] as RateLimiter).take(rule, key));
  const outcomes = await Promise.allSettled(takes);
  for (const outcome of outcomes) if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'RATE_LIMITED' });
  return outcomes.filter(({ status }) => status === 'fulfilled').length;
}

/** What every limiter does, on all of its nodes together. */
export function limiterSuite(name: string, open: () => Promise<LimitersUnderTest>): void {
  describe(`the rate limiter: ${name}`, () => {
    let under: LimitersUnderTest;
    let one: RateLimiter;
    let other: RateLimiter;
    beforeAll(async () => {
      under = await open();
      one = under.nodes[0] as RateLimiter;
      other = under.nodes.at(-1) as RateLimiter;
    });
    afterAll(() => under.close());

    const many = (times: number, rule: RateLimit, key: string) => takeMany(under.nodes, times, rule, key);

    it('lets exactly as many through as the limit says, however many ask at once', async () => {
      for (const limit of [1, 10, 49, 50, 51]) expect(await many(50, ruleOf(limit), randomUUID())).toBe(Math.min(50, limit));
    });

    it('says how long to wait', async () => {
      const rule = ruleOf(1);
      const key = randomUUID();
      await one.take(rule, key);
      const refusal = await other.take(rule, key).catch((error: unknown) => error);
      expect(refusal).toMatchObject({ code: 'RATE_LIMITED', details: { limit: 1, window: 600 } });
      const { retryAfterSeconds } = (refusal as { details: { retryAfterSeconds: number } }).details;
      expect(retryAfterSeconds).toBeGreaterThan(540);
      expect(retryAfterSeconds).toBeLessThanOrEqual(600);
    });

    it('begins anew at the end of the window, which no refusal puts off', async () => {
      const rule = ruleOf(2, 1);
      const key = randomUUID();
      expect(await many(10, rule, key)).toBe(2);
      await until(() => one.take(rule, key).then(() => true), { what: 'the window to end', timeoutMs: 5_000 });
      expect(await many(10, rule, key)).toBeLessThanOrEqual(2);
    });

    it('keeps keys and rules apart', async () => {
      const key = randomUUID();
      expect(await many(5, ruleOf(3), key)).toBe(3);
      expect(await many(5, { ...ruleOf(3), name: 'other' }, key)).toBe(3);
      expect(await many(5, ruleOf(3), `${key}:`)).toBe(3);
    });

    it('takes nothing from what it refuses', async () => {
      const key = randomUUID();
      expect(await many(10, ruleOf(3), key)).toBe(3);
      await other.giveBack(ruleOf(3), key);
      expect(await many(10, ruleOf(3), key)).toBe(1);
    });

    it('gives back what was taken, and no more', async () => {
      const key = randomUUID();
      for (let at = 0; at < 10; at += 1) {
        await one.take(ruleOf(3), key);
        await other.giveBack(ruleOf(3), key);
      }
      for (let at = 0; at < 5; at += 1) await one.giveBack(ruleOf(3), key);
      expect(await many(10, ruleOf(3), key)).toBe(3);
    });

    it.each([...hostileKeys, ['a megabyte', 'x'.repeat(1_000_000)]])('counts a key of %s', async (_, key) => {
      const rule = { ...ruleOf(2), name: `hostile-${randomUUID()}` };
      expect(await many(5, rule, key)).toBe(2);
      expect(await many(5, rule, `${key}.`)).toBe(2);
    });
  });
}
