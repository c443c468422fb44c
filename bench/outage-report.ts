import { medianOf } from './calm-rounds.ts';
import { columns, show } from './columns.ts';
import type { Figures } from './rounds.ts';
import { spread } from './measure.ts';
import type { OutageReport } from './scenarios/outage.ts';

/** S16 as a table. */
export function outageTable(report: OutageReport, smoke: boolean): string {
  const { postgres, rounds, sends, processor, converged } = report;
  // So short a run says nothing about speed.
  if (smoke) return postgres;
  const row = (name: 'there' | 'away', label: string): string[] => {
    const of = (pick: (figures: Figures) => number | undefined) => show(spread(rounds.map((round) => pick(round[name]) ?? Number.NaN)), 0);
    return [label, of(({ perSecond }) => perSecond), of(({ serverMicros }) => serverMicros), of(({ postgresMicros }) => postgresMicros)];
  };
  const reached = sends.median >= 0.98 && converged.median <= 1_000 ? 'goal' : sends.median >= 0.9 ? 'target' : 'no';
  return [
    `${postgres}; ${medianOf(report)}`,
    ...columns([['Redis', 'messages/s', 'µs of both nodes', 'postgres µs'], row('there', 'there'), row('away', 'away')]),
    `S16 sends, away ÷ there: ${show(sends, 2)}, 0.90 / 0.98: ${reached}; processor time, there ÷ away: ${show(processor, 2)}`,
    `all at the other node know of the newest message ${show(converged, 0)} ms after Redis answers again; goal 1000`,
  ].join('\n');
}
