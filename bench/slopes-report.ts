import { medianOf } from './calm-rounds.ts';
import { columns, show } from './columns.ts';
import { spread } from './measure.ts';
import type { Figures } from './rounds.ts';
import type { Slope, SlopeReport, SlopesReport } from './scenarios/slopes.ts';

/** S17: what grows, and target and goal of large ÷ small. */
const S17: Readonly<Record<Slope, readonly [what: string, target: number, goal: number]>> = {
  sockets: ['idle sockets', 1.15, 1.03],
  conversations: ['conversations of each person', 1.15, 1.03],
  nodes: ['nodes', 1.5, 1.1],
};

export function slopesTable({ postgres, slopes }: SlopesReport, smoke: boolean): string {
  const row = ({ slope, sizes, rounds, processor, database }: SlopeReport): string[] => {
    const [what, target, goal] = S17[slope];
    const of = (size: 'small' | 'large', pick: (figures: Figures) => number) => show(spread(rounds.map((round) => pick(round[size]))), 0);
    const { median } = processor;
    return [
      `${what} ${sizes.small} → ${sizes.large}`,
      of('small', ({ serverMicros }) => serverMicros),
      of('large', ({ serverMicros }) => serverMicros),
      show(processor, 2),
      `${target} / ${goal}: ${median <= goal ? 'goal' : median <= target ? 'target' : 'no'}`,
      show(database, 2),
      of('small', ({ perSecond }) => perSecond),
      of('large', ({ perSecond }) => perSecond),
    ];
  };
  // So short a run says nothing about speed.
  if (smoke) return postgres;
  const head = ['direct messages', 'small, µs of all nodes', 'large', 'large ÷ small', 'S17', 'postgres', 'small, messages/s', 'large'];
  return [postgres, ...columns([head, ...slopes.map(row)]), ...slopes.map((each) => `${each.slope}: ${medianOf(each)}`)].join('\n');
}
