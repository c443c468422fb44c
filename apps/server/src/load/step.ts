import { percentile } from './percentile.ts';

/** What one process saw in one step; times in milliseconds, counted from when an action was due. */
export type StepCounts = Readonly<{
  asked: number;
  /** Actions that were answered with an error, by its code; `UNANSWERED` and `CLOSED` are what got no answer. */
  errors: Readonly<Record<string, number>>;
  answers: Float64Array;
  deliveries: Float64Array;
  /** Deliveries of acknowledged messages that did not come. */
  missing: number;
  /** Deliveries beyond those. */
  surplus: number;
  /** Processor time of the process, as a share of one core. */
  busy: number;
}>;

export type Step = StepCounts & Readonly<{ rate: number }>;

/** Where a load test ends. */
export type Bounds = Readonly<{ p99Ms: number; errorShare: number }>;

/** A process that is busier than this measures itself. */
const BUSY = 0.9;

const join = (parts: readonly Float64Array[]): Float64Array => {
  const joined = new Float64Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
};

/** One step of all processes. */
export function merge(rate: number, parts: readonly StepCounts[]): Step {
  const errors: Record<string, number> = {};
  for (const part of parts) for (const [code, count] of Object.entries(part.errors)) errors[code] = (errors[code] ?? 0) + count;
  const sum = (of: (part: StepCounts) => number): number => parts.reduce((total, part) => total + of(part), 0);
  return {
    rate,
    asked: sum(({ asked }) => asked),
    errors,
    answers: join(parts.map(({ answers }) => answers)),
    deliveries: join(parts.map(({ deliveries }) => deliveries)),
    missing: sum(({ missing }) => missing),
    surplus: sum(({ surplus }) => surplus),
    busy: Math.max(...parts.map(({ busy }) => busy)),
  };
}

export type Figures = Readonly<{
  rate: number;
  asked: number;
  failed: number;
  answerMs: Readonly<{ p50: number; p99: number }>;
  deliveryMs: Readonly<{ p50: number; p99: number }>;
  deliveries: number;
}>;

const rounded = (value: number): number => Math.round(value * 10) / 10;
const p50and99 = (samples: Float64Array) => ({ p50: rounded(percentile(samples, 0.5)), p99: rounded(percentile(samples, 0.99)) });
const failedOf = ({ errors }: Step): number => Object.values(errors).reduce((sum, count) => sum + count, 0);

export const figuresOf = (step: Step): Figures => ({
  rate: step.rate,
  asked: step.asked,
  failed: failedOf(step),
  answerMs: p50and99(step.answers),
  deliveryMs: p50and99(step.deliveries),
  deliveries: step.deliveries.length,
});

/** Why this step does not hold, in words for a person; undefined where it does. */
export function whatGaveWay(step: Step, { p99Ms, errorShare }: Bounds): string | undefined {
  const failed = failedOf(step);
  // A message whose answer was lost may be delivered all the same.
  if (step.surplus > 0 && failed === 0) return `${step.surplus} deliveries came twice: please report this`;
  if (failed > step.asked * errorShare) {
    const codes = Object.entries(step.errors).toSorted(([, a], [, b]) => b - a);
    return `${failed} of ${step.asked} actions failed: ${codes.map(([code, count]) => `${code} ${count}`).join(', ')}`;
  }
  if (step.missing > 0) return `${step.missing} deliveries of acknowledged messages had not come after 10 seconds`;
  const p99 = percentile(step.answers, 0.99);
  if (p99 <= p99Ms) return undefined;
  if (step.busy > BUSY)
    return `the load itself: one of its processes was busy ${Math.round(step.busy * 100)} % of the time; give it more with --processes, or run it on another machine`;
  return `answers: their p99 was ${rounded(p99)} ms, above ${p99Ms} ms`;
}
