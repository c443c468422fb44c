import { columns, show } from './columns.ts';
import { spread } from './measure.ts';
import type { IdleCost, IdleReport } from './scenarios/idle.ts';

/** S7: target and goal of the memory beside stock Socket.IO, and of the microseconds a second. */
const S7 = { memory: [1, 0.7], micros: [5, 2.5] } as const;

const reached = (value: number, [target, goal]: readonly [number, number]): string =>
  `${target} / ${goal}: ${value <= goal ? 'goal' : value <= target ? 'target' : 'no'}`;

export function idleTable({ sockets, rounds, resident, heap }: IdleReport): string {
  const of = (which: 'relay' | 'product', figure: keyof IdleCost) => spread(rounds.map((round) => round[which][figure]));
  const micros = of('product', 'microsPerSecond');
  return [
    `${sockets} idle sockets, each in 20 rooms; per socket`,
    ...columns([
      ['', 'stock Socket.IO', 'product', 'product ÷ stock', 'S7'],
      [
        'resident KiB',
        show(of('relay', 'residentKiB'), 1),
        show(of('product', 'residentKiB'), 1),
        show(resident, 2),
        reached(resident.median, S7.memory),
      ],
      ['heap KiB', show(of('relay', 'heapKiB'), 1), show(of('product', 'heapKiB'), 1), show(heap, 2), ''],
      ['µs per second', show(of('relay', 'microsPerSecond'), 2), show(micros, 2), '', reached(micros.median, S7.micros)],
    ]),
  ].join('\n');
}
