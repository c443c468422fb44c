import type { Entry } from '../faults/checkers/history.ts';
import { sendsOf } from '../faults/checkers/observations.ts';
import { RETRYABLE } from '../faults/harness/answers.ts';
import type { Attempt } from '../faults/harness/recorder.ts';

export type JudgedSends = Readonly<{
  findings: readonly string[];
  /** From the first attempt at a message to its first acknowledgement, in milliseconds. */
  longestMs: number;
}>;

/** Each message was acknowledged in the end, however often it was sent, and no attempt was refused for good. */
export function judgeSends({ log, attempts: all }: Readonly<{ log: readonly Entry[]; attempts: readonly Attempt[] }>): JudgedSends {
  const refused = all.flatMap(({ outcome, code, node }) =>
    outcome === 'fail' && !RETRYABLE.has(String(code)) ? [`a send was refused by node ${node + 1}: ${code}`] : [],
  );
  const sends = [...sendsOf({ log, rows: [], conversations: [], memberships: [], complete: [] }).values()].map(({ value, attempts }) => {
    const acked = attempts.flatMap(({ ended }) => (ended?.type === 'ok' ? [ended.at] : []));
    return { value, ms: Math.min(...acked) - (attempts[0]?.invoked.at ?? 0) };
  });
  const lost = sends.filter(({ ms }) => ms === Infinity).map(({ value }) => `a send was never acknowledged: ${value}`);
  return { findings: [...refused, ...lost], longestMs: Math.max(0, ...sends.map(({ ms }) => ms).filter(Number.isFinite)) };
}
