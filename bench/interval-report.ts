import { columns } from './columns.ts';
import type { Interval } from './measure.ts';
import type { SendSettingsReport } from './scenarios/send-settings.ts';
import type { VersusReport } from './scenarios/versus.ts';

/** What settings cost. */
export function sendSettingsTable(report: SendSettingsReport, smoke: boolean): string {
  const { compared, postgres, rounds, conversations, messages, server, database, serverRatio, postgresRatio } = report;
  if (smoke) return postgres;
  const within = ({ mean, low, high }: Interval) => `${mean.toFixed(3)} [${low.toFixed(3)}–${high.toFixed(3)}]`;
  return [
    `${postgres}; ${messages} messages of ${conversations} people in ${rounds} rounds, ${compared} on ÷ off within a round, with the 95 % interval`,
    `server: ${server.toFixed(1)} µs per message with them off, ratio ${within(serverRatio)}`,
    `postgres: ${database.toFixed(1)} µs, ratio ${within(postgresRatio)}`,
  ].join('\n');
}

/** What a change costs, as ratios to the first checkout. A difference is one where the interval does not hold 1. */
export function versusTable({ postgres, rows }: VersusReport): string {
  const ratio = (of: VersusReport['rows'][number]['serverRatio']) =>
    of === undefined ? 'base' : `${of.mean.toFixed(3)} [${of.low.toFixed(3)}–${of.high.toFixed(3)}]`;
  return [
    `${postgres}; processor time per message or page, ratios to the base within a round with their 95 % interval`,
    ...columns([
      ['', 'checkout', 'server µs', '÷ base', 'postgres µs', '÷ base', 'bytes'],
      ...rows.map(({ scenario, label, server, serverRatio, postgres: database, postgresRatio, bytes }) => [
        scenario,
        label,
        server.toFixed(1),
        ratio(serverRatio),
        database.toFixed(1),
        ratio(postgresRatio),
        bytes === 0 ? '–' : bytes.toFixed(0),
      ]),
    ]),
  ].join('\n');
}
