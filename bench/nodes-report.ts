import { columns, show } from './columns.ts';
import { spread } from './measure.ts';
import type { NodesFigures, NodesReport } from './scenarios/nodes.ts';

/** S4 as a table; first targets: stock ÷ product processor time 1.0, product ÷ stock p99 1.0, at most 0.2 commands of Redis per message. */
export function nodesTable({ rounds, rate, processor, p99, postgres }: NodesReport, smoke: boolean): string {
  const row = (name: 'stock' | 'product'): string[] => {
    const of = (pick: (figures: NodesFigures) => number | undefined, digits: number) =>
      show(spread(rounds.map((round) => pick(round[name]) ?? Number.NaN)), digits);
    return [
      name,
      of(({ serverMicros }) => serverMicros, 0),
      of(({ postgresMicros }) => (name === 'stock' ? 0 : postgresMicros), 0),
      of(({ perSecond }) => perSecond, 0),
      of(({ commands }) => commands, 3),
      of(({ latency }) => latency?.p50, 1),
      of(({ latency }) => latency?.p99, 1),
    ];
  };
  const head = ['two nodes', 'µs of both', 'postgres µs', 'messages/s', 'commands', `p50 ms at ${rate}/s`, 'p99 ms'];
  const table = [postgres, ...columns([head, row('stock'), row('product')])];
  // So short a run says nothing about speed.
  if (smoke) return table.join('\n');
  const reached = (holds: boolean) => (holds ? 'reached' : 'not reached');
  return [
    ...table,
    `S4 U, stock ÷ product: ${show(processor, 2)}, target 1.0: ${reached(processor.median >= 1)}`,
    `S4 p99, product ÷ stock: ${show(p99, 2)}, target 1.0: ${reached(p99.median <= 1)}`,
  ].join('\n');
}
