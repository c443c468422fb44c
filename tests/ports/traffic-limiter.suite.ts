import { randomUUID } from 'node:crypto';
import { asId } from '@coucou/domain/kernel/ids';
import type { Quota, TrafficLimiter, TrafficRule } from '@coucou/application/ports/traffic-limiter';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hostileKeys } from './hostile-keys.ts';

export type TrafficLimitersUnderTest = Readonly<{
  /** Of one node, or of several that count together. */ nodes: readonly TrafficLimiter[];
  /** Resolves when each node knows what the others have taken. */
  settled(): Promise<unknown>;
  close(): Promise<unknown>;
}>;

/** Windows of an hour: nothing comes back during a test. */
export const trafficRule = (...limits: readonly number[]): TrafficRule => {
  const [first, ...rest] = limits.map((limit, at) => ({ limit, windowSeconds: 3_600 * (at + 1) }));
  if (first === undefined) throw new Error('a rule has a rate');
  return { name: 'traffic', rates: [first, ...rest] };
};

/** Asks the nodes in turn and all at once; answers how each call stood. */
export const askMany = (nodes: readonly TrafficLimiter[], times: number, rule: TrafficRule, key: string): Promise<Quota[]> =>
  Promise.all(Array.from({ length: times }, async (_, at) => (nodes[at % nodes.length] as TrafficLimiter).take(rule, key)));

export const allowedOf = (quotas: readonly Quota[]): number => quotas.filter(({ isAllowed }) => isAllowed).length;

/** What every traffic limiter does, on all of its nodes together. */
export function trafficSuite(name: string, open: () => Promise<TrafficLimitersUnderTest>): void {
  describe(`the traffic limiter: ${name}`, () => {
    let under: TrafficLimitersUnderTest;
    beforeAll(async () => {
      under = await open();
    });
    afterAll(() => under.close());

    const ask = (times: number, rule: TrafficRule, key: string) => askMany(under.nodes, times, rule, key);
    /** A node grants a twentieth before the others know. */
    const mostOf = (limit: number) => limit + (under.nodes.length - 1) * (limit < 10 ? 0 : Math.max(1, Math.floor(limit / 20)));

    it.each([1, 3, 9, 10, 30, 100, 600])('lets %i through, however many ask at once', async (limit) => {
      const key = randomUUID();
      const allowed = allowedOf(await ask(limit * 3 + 20, trafficRule(limit), key));
      expect(allowed).toBeGreaterThanOrEqual(limit);
      expect(allowed).toBeLessThanOrEqual(mostOf(limit));
      await under.settled();
      expect(allowedOf(await ask(20, trafficRule(limit), key))).toBe(0);
    });

    it.each([3, 10, 100])('lets %i through, one after the other', async (limit) => {
      const key = randomUUID();
      let allowed = 0;
      for (let at = 0; at < limit + 20; at += 1) {
        const [quota] = await askMany([under.nodes[at % under.nodes.length] as TrafficLimiter], 1, trafficRule(limit), key);
        if (quota?.isAllowed === true) allowed += 1;
      }
      expect(allowed).toBeGreaterThanOrEqual(limit);
      expect(allowed).toBeLessThanOrEqual(mostOf(limit));
    });

    it('holds every rate of a rule', async () => {
      expect(allowedOf(await ask(30, trafficRule(8, 5), randomUUID()))).toBe(5);
      expect(allowedOf(await ask(30, trafficRule(4, 9), randomUUID()))).toBe(4);
    });

    it('says how a budget stands', async () => {
      const rule = trafficRule(4);
      const key = randomUUID();
      const quotas = [];
      for (let at = 0; at < 6; at += 1) quotas.push(await (under.nodes[0] as TrafficLimiter).take(rule, key));
      expect(quotas.map(({ remaining }) => remaining)).toEqual([3, 2, 1, 0, 0, 0]);
      expect(quotas.map(({ isAllowed }) => isAllowed)).toEqual([true, true, true, true, false, false]);
      for (const { rate, retryAfterMs, isAllowed } of quotas.slice(4)) {
        expect(isAllowed).toBe(false);
        expect(rate).toEqual(rule.rates[0]);
        expect(retryAfterMs).toBeGreaterThan(800_000);
        expect(retryAfterMs).toBeLessThanOrEqual(900_000);
      }
    });

    it('takes back what is given back, and no more', async () => {
      const rule = trafficRule(5);
      const key = randomUUID();
      expect(allowedOf(await ask(10, rule, key))).toBe(5);
      await under.settled();
      under.nodes[0]?.giveBack(rule, key);
      under.nodes[0]?.giveBack(rule, key);
      await under.settled();
      expect(allowedOf(await askMany(under.nodes.slice(0, 1), 10, rule, key))).toBe(2);
      for (let at = 0; at < 10; at += 1) under.nodes[0]?.giveBack(rule, key);
      await under.settled();
      expect(allowedOf(await askMany(under.nodes.slice(0, 1), 20, rule, key))).toBe(5);
    });

    it('keeps keys, accounts and rules apart', async () => {
      const key = randomUUID();
      for (const account of [undefined, asId<'account'>('acme'), asId<'account'>('other')]) {
        const quotas = [];
        for (let at = 0; at < 5; at += 1)
          quotas.push(await (under.nodes[at % under.nodes.length] as TrafficLimiter).take(trafficRule(4), `${key}!`, account));
        expect(allowedOf(quotas)).toBe(4);
      }
      expect(allowedOf(await ask(5, trafficRule(3), key))).toBe(3);
      expect(allowedOf(await ask(5, { ...trafficRule(3), name: 'other' }, key))).toBe(3);
      expect(allowedOf(await ask(5, trafficRule(3), `${key}:`))).toBe(3);
    });

    it.each(hostileKeys)('counts a key of %s', async (_, key) => {
      const rule = { ...trafficRule(2), name: `hostile-${randomUUID()}` };
      expect(allowedOf(await ask(5, rule, key))).toBe(2);
      expect(allowedOf(await ask(5, rule, `${key}.`))).toBe(2);
    });
  });
}
