import { medianOf } from './calm-rounds.ts';
import { columns, show } from './columns.ts';
import { spread } from './measure.ts';
import type { Latency, StalledReport } from './scenarios/stalled.ts';

/** S14 as a table. */
export function stalledTable(report: StalledReport, smoke: boolean): string {
  const { postgres, readers, stalled, rounds, p99, memory } = report;
  const held = `${memory.mebibytes.toFixed(2)} MiB held for each stalled reader, goal 1: ${memory.mebibytes <= 1 ? 'goal' : 'no'}; ${memory.closed} of ${stalled} closed meanwhile`;
  // So short a run says nothing about speed.
  if (smoke) return `${postgres}\n${held}`;
  const of = (name: 'reading' | 'stalling', which: keyof Latency) => show(spread(rounds.map((round) => round[name][which])), 1);
  const reached = p99.median <= 1.05 ? 'goal' : p99.median <= 1.3 ? 'target' : 'no';
  return [
    `${postgres}; ${readers} readers of one group; ${medianOf(report)}`,
    ...columns([
      [`${stalled} of them`, 'p50 ms of the others', 'p99 ms'],
      ['read', of('reading', 'p50'), of('reading', 'p99')],
      ['stall', of('stalling', 'p50'), of('stalling', 'p99')],
    ]),
    `closed as slow in each round: ${show(spread(rounds.map(({ closed }) => closed)), 0)}`,
    `S14 p99, stalled ÷ reading: ${show(p99, 2)}, 1.3 / 1.05: ${reached}`,
    held,
  ].join('\n');
}
