import { columns } from './columns.ts';
import type { Latencies, RetentionReport } from './scenarios/retention.ts';

/** What trimming costs those who send meanwhile, as a table. */
export function retentionTable(report: RetentionReport, smoke: boolean): string {
  const { postgres, messages, members, rounds, plain, trimming, p99Ratio, trimSeconds, archives, holders } = report;
  const lock = `longest wait for the conversation's lock: ${trimming.longestLockMs.toFixed(0)} ms with trimming, ${plain.longestLockMs.toFixed(0)} ms without; 200: ${trimming.longestLockMs <= 200 ? 'target' : 'no'}`;
  const head = `${postgres}; ${messages} messages trimmed of a group of ${members}, into ${archives} archives, in ${trimSeconds.toFixed(0)} s of trimming`;
  // So short a run says nothing about speed.
  if (smoke) return `${head}\n${lock}`;
  const row = (name: string, { sends, p50, p99 }: Latencies) => [name, String(sends), p50.toFixed(1), p99.toFixed(1)];
  return [
    head,
    ...columns([['', 'sends', 'p50 ms', 'p99 ms'], row('without', plain), row('trimming', trimming)]),
    `windows, p99 with ÷ without: ${rounds.map((round) => (round.trimming.p99 / round.plain.p99).toFixed(2)).join(', ')}`,
    `p99 of all sends, with ÷ without: ${p99Ratio.toFixed(2)}, 1.3: ${p99Ratio <= 1.3 ? 'target' : 'no'}`,
    lock,
    ...holders.map(
      ({ trims, after, heldMs, waitsFor, statement }) =>
        `  ${trims ? 'trimming' : 'without'}: after ${after} ms, held for ${heldMs} ms (${waitsFor}): ${statement}`,
    ),
  ].join('\n');
}
