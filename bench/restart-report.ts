import { medianOf } from './calm-rounds.ts';
import { columns, show } from './columns.ts';
import { spread } from './measure.ts';
import type { RestartReport, RestartRound } from './scenarios/restart.ts';

const AIM_MS = 4_000;
const MOST_TO_ADMISSION = 1.5;
const MOST_TO_BEFORE = 1.5;

/** A restart as a table. */
export function restartTable(report: RestartReport, smoke: boolean): string {
  const { postgres, clients, returning, rounds, toAdmission, bystanders } = report;
  const of = (pick: (round: RestartRound) => number) => spread(rounds.map(pick));
  const counts = [
    `${postgres}; ${returning} of ${clients} clients are sent away, and come back at the other node`,
    `the node ended with ${rounds.map(({ exit }) => exit.code ?? 'a signal').join(', ')} after ${show(
      of(({ exit }) => exit.ms),
      0,
    )} ms, bound 15000`,
    `messages that came by a sync ${show(
      of(({ synced }) => synced),
      2,
    )} per client; refused and back later ${show(
      of(({ refusals }) => refusals),
      0,
    )}`,
  ];
  // So short a run says nothing about speed.
  if (smoke) return counts.join('\n');
  const p95 = of(({ away }) => away.p95);
  return [
    ...counts,
    medianOf(report),
    ...columns([
      ['ms from', 'p50', 'p95', 'max'],
      [
        'own close until synced',
        show(
          of(({ away }) => away.p50),
          0,
        ),
        show(p95, 0),
        show(
          of(({ away }) => away.max),
          0,
        ),
      ],
      [
        'signal until all synced',
        '',
        '',
        show(
          of(({ allBack }) => allBack),
          0,
        ),
      ],
    ]),
    `p95, aim ${AIM_MS}: ${reached(p95.median, AIM_MS)}; ÷ what ${show(
      of(({ perSecond }) => perSecond),
      0,
    )} connects/s allow: ${show(toAdmission, 2)}, bound ${MOST_TO_ADMISSION}: ${reached(toAdmission.median, MOST_TO_ADMISSION)}`,
    `bystanders' p99 ms ${show(
      of(({ before }) => before),
      1,
    )} before, ${show(
      of(({ during }) => during),
      1,
    )} during: ${show(bystanders, 2)}, bound ${MOST_TO_BEFORE}: ${reached(bystanders.median, MOST_TO_BEFORE)}`,
  ].join('\n');
}

const reached = (figure: number, most: number): string => (figure <= most ? 'reached' : 'no');
