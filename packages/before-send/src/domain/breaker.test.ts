import { addSeconds } from '@coucou/domain/kernel/time';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Breaker } from './breaker.ts';

const now = new Date('2026-01-01T00:00:00Z');
const failed = { succeeded: false, probed: false };
const after = (failures: number, at = now): Breaker => {
  let breaker = Breaker.CLOSED;
  for (let count = 0; count < failures; count += 1) breaker = Breaker.settle(breaker, failed, at, () => 0);
  return breaker;
};

describe('a circuit breaker', () => {
  it('opens by five failures in a row, and no success among them', () => {
    expect(Breaker.stateOf(after(4), now)).toBe('closed');
    expect(Breaker.stateOf(after(5), now)).toBe('open');
    const recovered = Breaker.settle(after(4), { succeeded: true, probed: false }, now, () => 0);
    expect(
      Breaker.stateOf(
        Breaker.settle(recovered, failed, now, () => 0),
        now,
      ),
    ).toBe('closed');
  });

  it('lets one call find out after each pause, which doubles up to half a minute', () => {
    let breaker = after(5);
    let at = now;
    for (const seconds of [5, 10, 20, 30, 30]) {
      expect(Breaker.admit(breaker, addSeconds(at, seconds - 1))).toBeUndefined();
      at = addSeconds(at, seconds);
      const probing = Breaker.admit(breaker, at);
      expect(probing).toMatchObject({ probing: true });
      expect(Breaker.admit(probing ?? breaker, at)).toBeUndefined();
      breaker = Breaker.settle(probing ?? breaker, { succeeded: false, probed: true }, at, () => 0);
    }
    expect(Breaker.settle(breaker, { succeeded: true, probed: true }, at, () => 0)).toEqual(Breaker.CLOSED);
  });

  it('is as long open for one failure as for many that were under way', () => {
    const breaker = after(5);
    expect(Breaker.settle(breaker, failed, now, () => 0)).toBe(breaker);
  });

  const step = fc.record({
    seconds: fc.nat({ max: 40 }),
    ends: fc.array(fc.boolean(), { maxLength: 8 }),
    luck: fc.double({ min: 0, max: 1, noNaN: true }),
  });

  it('asks nobody while it is open, one at a time while it is half-open, and everybody after an answer', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        let breaker = Breaker.CLOSED;
        let at = now;
        for (const { seconds, ends, luck } of steps) {
          at = addSeconds(at, seconds);
          // All of these are asked about at once, and end after that.
          const calls = ends.flatMap((succeeded) => {
            const admitted = Breaker.admit(breaker, at);
            if (admitted === undefined) return [];
            const probed = admitted !== breaker;
            breaker = admitted;
            return [{ succeeded, probed }];
          });
          const state = Breaker.stateOf(breaker, at);
          expect(calls.length).toBe({ closed: ends.length, open: 0, halfOpen: Math.min(1, ends.length) }[state]);
          for (const ended of calls) breaker = Breaker.settle(breaker, ended, at, () => luck);
          expect(calls.at(-1)?.succeeded !== true || breaker === Breaker.CLOSED).toBe(true);
          expect(((breaker.openUntil ?? at).getTime() - at.getTime()) / 1_000).toBeLessThanOrEqual(30);
        }
      }),
    );
  });
});
