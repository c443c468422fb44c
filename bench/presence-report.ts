import { medianOf } from './calm-rounds.ts';
import { columns, show } from './columns.ts';
import { spread } from './measure.ts';
import type { Commands, Kind, PresenceReport } from './scenarios/presence.ts';

/** S12 as a table; target and goal: relay ÷ product 0.9 and 2, at most 3 commands of Redis and 1. */
export function presenceTable(report: PresenceReport, smoke: boolean): string {
  const { postgres, people, rounds, ratios } = report;
  const commands = (what: string, { each, byName }: Commands) => {
    const names = Object.entries(byName).map(([name, count]) => `${name} ${(count / people).toFixed(2)}`);
    return `commands of Redis for each ${what}: ${each.toFixed(2)}, 3 / 1: ${each <= 1.05 ? 'goal' : each <= 3 ? 'target' : 'no'} (with the idle server's: ${names.join(', ')})`;
  };
  const counts = [
    postgres,
    commands('connect', report.connect),
    commands('disconnect', report.disconnect),
    commands('connect of many at once', report.connectTogether),
    commands('disconnect of all at once', report.disconnectTogether),
  ];
  // So short a run says nothing about speed.
  if (smoke) return counts.join('\n');
  const row = (kind: Kind): string[] => {
    const of = (name: 'relay' | 'product', digits: number) => show(spread(rounds.map((round) => round[kind][name].micros)), digits);
    const database = spread(rounds.map((round) => round[kind].product.postgresMicros));
    const rate = spread(rounds.map((round) => round[kind].product.perSecond));
    const { median } = ratios[kind];
    const reached = `0.9 / 2: ${median >= 2 ? 'goal' : median >= 0.9 ? 'target' : 'no'}`;
    return [kind, show(rate, 0), of('relay', 1), of('product', 1), show(database, 1), show(ratios[kind], 2), reached];
  };
  return [
    ...counts,
    `${people} people in groups of ten, processor time per delivered event, ${medianOf(report)}`,
    ...columns([['', 'events/s', 'relay µs', 'product µs', 'postgres µs', 'relay ÷ product', 'S12'], row('typing'), row('presence')]),
  ].join('\n');
}
