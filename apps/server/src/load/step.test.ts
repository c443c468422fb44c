import { describe, expect, it } from 'vitest';
import { figuresOf, merge, type StepCounts, whatGaveWay } from './step.ts';

const bounds = { p99Ms: 200, errorShare: 0.01 };
const counts = (given: Partial<StepCounts> = {}): StepCounts => ({
  asked: 100,
  errors: {},
  answers: Float64Array.from({ length: 100 }, (_, at) => at + 1),
  deliveries: Float64Array.of(5, 15),
  missing: 0,
  surplus: 0,
  busy: 0.5,
  ...given,
});
const verdict = (given: Partial<StepCounts>) => whatGaveWay(merge(10, [counts(given)]), bounds);

describe('a step of several processes', () => {
  it('is one: samples are merged, and percentiles taken of all of them', () => {
    const step = merge(20, [
      counts({ errors: { OVERLOADED: 1 } }),
      counts({ errors: { OVERLOADED: 2, CLOSED: 1 }, answers: Float64Array.of(900) }),
    ]);
    expect(figuresOf(step)).toEqual({
      rate: 20,
      asked: 200,
      failed: 4,
      answerMs: { p50: 51, p99: 100 },
      deliveryMs: { p50: 5, p99: 15 },
      deliveries: 4,
    });
    expect(step.errors).toEqual({ OVERLOADED: 3, CLOSED: 1 });
  });
});

describe('what gives way', () => {
  it('is nothing within the bounds', () => {
    expect(verdict({ errors: { RATE_LIMITED: 1 } })).toBeUndefined();
  });

  it.each([
    [{ errors: { RATE_LIMITED: 1, OVERLOADED: 4 } }, '5 of 100 actions failed: OVERLOADED 4, RATE_LIMITED 1'],
    [{ missing: 3 }, '3 deliveries of acknowledged messages had not come after 10 seconds'],
    [{ surplus: 1 }, '1 deliveries came twice: please report this'],
    [{ answers: Float64Array.of(250) }, 'answers: their p99 was 250 ms, above 200 ms'],
    [{ answers: Float64Array.of(250), busy: 0.95 }, 'the load itself: one of its processes was busy 95 % of the time'],
  ])('is named: %o', (given, words) => {
    expect(verdict(given)).toContain(words);
  });

  it('does not take the answer to a failed message for a second one', () => {
    expect(verdict({ surplus: 1, errors: { UNANSWERED: 1 } })).toBeUndefined();
  });
});
