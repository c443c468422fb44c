import fc from 'fast-check';
import { type Kind, type Pick, weights } from './commands.ts';

/** What a person's second device does besides: the first one is steady. */
export type Upset =
  | Readonly<{ upset: 'drop' }>
  | Readonly<{ upset: 'connect' | 'sync'; limit: number }>
  | Readonly<{ upset: 'lose'; count: number }>;
/** Retention: the newest so many messages of one of the conversations are kept. */
export type Trim = Readonly<{ trim: number; keep: number }>;
export type Act = Readonly<{ who: number }> & (Readonly<{ kind: Kind; pick: Pick; device: number }> | Upset | Trim);
export type Plan = Readonly<{
  history: 'all' | 'joined';
  /** What happens at once, one after the other. */
  steps: readonly (readonly Act[])[];
  /** Rows in one answer of the last sync. */
  limit: number;
}>;

const who = fc.nat({ max: 2 });
/** Small ones make many pages. */
const limit = fc.oneof(fc.integer({ min: 1, max: 6 }), fc.constant(200));

const command: fc.Arbitrary<Act> = fc
  .record({
    who,
    device: fc.nat({ max: 1 }),
    kind: fc.oneof(...weights.map(({ kind, weight }) => ({ weight, arbitrary: fc.constant(kind) }))),
    a: fc.nat({ max: 59 }),
    b: fc.nat({ max: 59 }),
    c: fc.nat({ max: 59 }),
  })
  .map(({ a, b, c, ...rest }) => ({ ...rest, pick: { who: rest.who, a, b, c } }));

const upset: fc.Arbitrary<Act> = fc.oneof(
  fc.record({ who, upset: fc.constant('drop' as const) }),
  fc.record({ who, upset: fc.constant('connect' as const), limit }),
  fc.record({ who, upset: fc.constant('sync' as const), limit }),
  fc.record({ who, upset: fc.constant('lose' as const), count: fc.integer({ min: 1, max: 3 }) }),
);

const act = fc.oneof({ weight: 4, arbitrary: command }, { weight: 1, arbitrary: upset });
const trim: fc.Arbitrary<Act> = fc.record({ who, trim: fc.nat({ max: 3 }), keep: fc.integer({ min: 1, max: 6 }) });

const plansOf = (acts: fc.Arbitrary<Act>): fc.Arbitrary<Plan> =>
  fc.record({
    history: fc.constantFrom('all' as const, 'joined' as const),
    steps: fc.array(fc.array(acts, { minLength: 1, maxLength: 4 }), { minLength: 2, maxLength: 20, size: 'max' }),
    limit,
  });

export const scenario = plansOf(act);
/** Messages are trimmed meanwhile. */
export const trimmingScenario = plansOf(fc.oneof({ weight: 6, arbitrary: act }, { weight: 1, arbitrary: trim }));
