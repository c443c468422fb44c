import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { check, checkers } from './checkers/check.ts';
import { type Command, cleanHistory } from './checkers/model.ts';
import { clean, plants } from './checkers/planted.ts';

/** The judges are judged: what is planted is found by whom it concerns, and where nothing is wrong nothing is found. */

const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('send' as const),
      who: fc.nat(5),
      where: fc.nat(1),
      outcome: fc.constantFrom('ok' as const, 'ok' as const, 'fail' as const, 'unheard' as const, 'unstored' as const),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('resend' as const), which: fc.nat(9) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constantFrom('sync' as const, 'history' as const, 'late' as const, 'lose' as const),
      who: fc.nat(5),
      where: fc.nat(1),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constantFrom('remove' as const, 'join' as const), who: fc.nat(5), where: fc.nat(1) }),
  },
);

describe('a clean history', () => {
  it('is clean, with a place for every fault', () => {
    expect(clean.rows.length).toBe(11);
    expect(check(clean)).toEqual([]);
  });

  it('is clean however it went', () => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 60 }), (commands) => {
        expect(check(cleanHistory(commands))).toEqual([]);
      }),
      { numRuns: 300, seed: 12 },
    );
  });

  it('of nothing at all is clean', () => {
    expect(check({ log: [], conversations: [], rows: [], memberships: [], complete: [] })).toEqual([]);
  });
});

describe('a planted fault', () => {
  it.each(plants)('is found: $fault ($found)', ({ found, plant }) => {
    expect(checkers[found](plant(clean))).not.toEqual([]);
  });

  it('is planted for every checker, and there are enough', () => {
    expect(new Set(plants.map(({ found }) => found))).toEqual(new Set(Object.keys(checkers)));
    expect(plants.length).toBeGreaterThanOrEqual(20);
  });
});
