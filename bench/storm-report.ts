import { medianOf } from './calm-rounds.ts';
import { columns, show } from './columns.ts';
import { spread } from './measure.ts';
import type { ProductTurn, StormReport, StormTurn } from './scenarios/storm.ts';

/** S8 as a table. */
export function stormTable(report: StormReport, smoke: boolean): string {
  const { postgres, clients, rounds, toRaw, toStock } = report;
  const row = (name: 'raw' | 'stock' | 'product', label: string): string[] => {
    const of = (pick: (turn: StormTurn) => number) => show(spread(rounds.map((round) => pick(round[name]))), 0);
    return [label, of(({ perSecond }) => perSecond), of(({ syncedPerSecond }) => syncedPerSecond), of(({ micros }) => micros)];
  };
  const own = (pick: (turn: ProductTurn) => number | undefined, digits: number) =>
    show(spread(rounds.map(({ product }) => pick(product) ?? Number.NaN)), digits);
  const table = [
    `${postgres}; ${clients} clients come back at once, all times from the moment when they begin to`,
    ...columns([
      ['', 'connected/s', 'synced/s', 'server µs per client'],
      row('raw', 'bare ws, handshakes alone'),
      row('stock', 'stock Socket.IO, handshakes alone'),
      row('product', 'product, with 10 missed messages'),
    ]),
    `queries per client ${own(({ queries }) => queries, 2)}, goal 0.1; refused and back later ${own(({ refusals }) => refusals, 0)}`,
  ];
  // So short a run says nothing about speed.
  if (smoke) return table.join('\n');
  const reached = toRaw.median >= 0.75 ? 'goal' : toRaw.median >= 0.45 ? 'target' : 'no';
  return [
    ...table,
    medianOf(report),
    `postgres ${own(({ postgresMicros }) => postgresMicros, 0)} µs per client; p95 until synced ${own(({ p95 }) => p95, 0)} ms`,
    `S8 connects ÷ raw handshakes: ${show(toRaw, 2)}, 0.45 / 0.75: ${reached}; ÷ stock Socket.IO ${show(toStock, 2)}`,
  ].join('\n');
}
