import { columns, show } from './columns.ts';
import { spread } from './measure.ts';
import type { CachedReport } from './scenarios/cached.ts';

/** Target and goal of each way. */
const S9 = { uncached: [0.3, 0.45], held: [0.8, 0.92], cached: [0.7, 0.85] } as const;

/** S9: reads as they are answered, beside a bare route with the same bytes. */
export function cachedTable({ postgres, reads }: CachedReport, smoke: boolean): string {
  if (smoke) return postgres;
  const rows = reads.flatMap(({ what, bytes, rounds, ratios }) =>
    (['bare', 'uncached', 'held', 'cached'] as const).map((way) => {
      const of = (pick: (figures: (typeof rounds)[number]['bare']) => number) => spread(rounds.map((round) => pick(round[way])));
      const start = [what, way === 'held' ? '304' : way, way === 'held' ? '0' : String(bytes)];
      const figures = [
        show(
          of((f) => f.serverMicros),
          0,
        ),
        show(
          of((f) => f.postgresMicros ?? Number.NaN),
          0,
        ),
        show(
          of((f) => f.perSecond),
          0,
        ),
      ];
      if (way === 'bare') return [...start, ...figures, '', '', ''];
      const { cpu, rate } = ratios[way];
      const [target, goal] = S9[way];
      const reached = cpu.median >= goal ? 'goal' : cpu.median >= target ? 'target' : 'no';
      return [...start, ...figures, show(cpu, 2), show(rate, 2), `${target} / ${goal}: ${reached}`];
    }),
  );
  return [
    `${postgres}; U: processor time of a bare Fastify route ÷ that of the product, T: requests a second of the product ÷ those of the route`,
    ...columns([['', '', 'bytes', 'server µs', 'postgres µs', 'requests/s', 'U', 'T', 'S9 by U'], ...rows]),
  ].join('\n');
}
