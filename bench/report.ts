import { medianOf } from './calm-rounds.ts';
import { columns, show } from './columns.ts';
import { type Spread, spread } from './measure.ts';
import type { Figures } from './rounds.ts';
import type { HorizonReport, HorizonRound } from './scenarios/horizon.ts';
import type { LoginsReport, LoginsRound } from './scenarios/logins.ts';
import type { ReadsReport } from './scenarios/reads.ts';
import type { OutboxReport } from './scenarios/outbox.ts';
import type { ReceiptsReport } from './scenarios/receipts.ts';
import type { Round, SendReport } from './scenarios/send.ts';

/** The targets of the performance plan for S1 to S1d, and how far this run is from them. */
export interface Comparison {
  id: string;
  what: string;
  ratio: Spread;
  target: number;
  goal: number;
  better: 'higher' | 'lower';
  reached: 'goal' | 'target' | 'no';
}

interface Target {
  id: string;
  what: string;
  target: number;
  goal: number;
  better: 'higher' | 'lower';
  /** Within one round, for only there the machine was the same for both. */
  ratio(round: Round, commitMs: number): number | undefined;
}

const TARGETS: readonly Target[] = [
  {
    id: 'S1 U',
    what: 'relay µs ÷ product µs',
    target: 0.5,
    goal: 0.7,
    better: 'higher',
    ratio: ({ product, relay }) => product && relay && relay.serverMicros / product.serverMicros,
  },
  {
    id: 'S1 T',
    what: 'product ÷ relay messages/s',
    target: 0.25,
    goal: 0.45,
    better: 'higher',
    ratio: ({ product, relay }) => product && relay && product.perSecond / relay.perSecond,
  },
  {
    id: 'S1b T',
    what: 'product ÷ append function alone messages/s',
    target: 0.45,
    goal: 0.7,
    better: 'higher',
    ratio: ({ product, append }) => product && append && product.perSecond / append.perSecond,
  },
  {
    id: 'S1c T',
    what: 'product ÷ tutorial messages/s',
    target: 1.6,
    goal: 2.9,
    better: 'higher',
    ratio: ({ product, tutorial }) => product && tutorial && product.perSecond / tutorial.perSecond,
  },
  {
    id: 'S1d L',
    what: 'product p99 ÷ (relay p99 + one commit)',
    target: 1.8,
    goal: 1.3,
    better: 'lower',
    ratio: ({ product, relay }, commitMs) => product?.latency && relay?.latency && product.latency.p99 / (relay.latency.p99 + commitMs),
  },
];

export function compare({ rounds, commit }: SendReport): Comparison[] {
  return TARGETS.flatMap(({ ratio: of, ...rest }) => {
    const ratios = rounds.flatMap((round) => of(round, commit.p50) ?? []);
    if (ratios.length === 0) return [];
    const ratio = spread(ratios);
    const within = (limit: number) => (rest.better === 'higher' ? ratio.median >= limit : ratio.median <= limit);
    const reached = within(rest.goal) ? 'goal' : within(rest.target) ? 'target' : 'no';
    return [{ ...rest, ratio, reached }];
  });
}

export function table(report: SendReport, compared: readonly Comparison[]): string {
  const { rounds, rate, commit } = report;
  const names = Object.keys(rounds[0] ?? {}) as (keyof Round)[];
  const column = (name: keyof Round, pick: (figures: Figures) => number | undefined, digits: number) => {
    const values = rounds.flatMap((round) => (round[name] && pick(round[name])) ?? []);
    return values.length === 0 ? '–' : show(spread(values), digits);
  };
  const relayT = spread(rounds.flatMap((round) => round.relay?.perSecond ?? [])).median;
  const lines = [
    `${report.postgres}, one durable commit alone ${commit.p50.toFixed(2)} ms (p99 ${commit.p99.toFixed(2)}), ${report.generators} load generator(s)`,
    medianOf(report),
    '',
    ...columns([
      ['', 'U server µs', 'U postgres µs', 'T messages/s', 'server at rate', 'postgres at rate', 'L p50 ms', 'L p99 ms', 'generator'],
      ...names.map((name) => [
        name,
        column(name, (f) => f.serverMicros, 1),
        column(name, (f) => f.postgresMicros, 1),
        column(name, (f) => f.perSecond, 0),
        column(name, (f) => f.serverMicrosAtRate, 1),
        column(name, (f) => f.postgresMicrosAtRate, 1),
        column(name, (f) => f.latency?.p50, 2),
        column(name, (f) => f.latency?.p99, 2),
        column(name, (f) => f.generatorShare, 2),
      ]),
    ]),
  ];
  if (rounds.some((round) => Object.values(round).some(({ latency }) => latency))) {
    const share = Number.isNaN(relayT) ? '' : `, ${Math.round((100 * rate) / relayT)} % of the relay's T`;
    lines.push(`L and U at rate: ${rate} messages/s${share}; L from the intended time until acked and delivered`);
  }
  const targets = compared.map(({ id, what, ratio, target, goal, reached }) => [id, what, show(ratio, 2), `${target}`, `${goal}`, reached]);
  if (targets.length > 0) lines.push('', ...columns([['', 'ours ÷ limit', 'this run', 'target', 'goal', 'reached'], ...targets]));
  return lines.join('\n');
}

/** S6: latency of a page, and how it grows with what is stored. */
export function readsTable({ postgres, sizes, slope }: ReadsReport, smoke: boolean): string {
  const optional = (values: readonly (number | undefined)[]) => {
    const known = values.flatMap((value) => value ?? []);
    return known.length === 0 ? '–' : show(spread(known), 0);
  };
  const rows = sizes.map(({ size, rounds, ratio, http, raw, bare, bytes, serverMicros }) => [
    String(size),
    show(http, 2),
    show(raw, 2),
    show(ratio, 2),
    bare ? show(bare, 2) : '–',
    bytes ? show(bytes, 2) : '–',
    show(spread(rounds.map((round) => round.http.p99)), 2),
    show(serverMicros, 0),
    optional(rounds.map((round) => round.http.postgresMicros)),
    optional(rounds.map((round) => round.raw.postgresMicros)),
  ]);
  const lines = [
    postgres,
    ...columns([
      ['size', 'HTTP p50 ms', 'raw p50 ms', 'HTTP ÷ raw', 'bare ÷ raw', 'bytes ÷ raw', 'HTTP p99 ms', 'server µs', 'postgres µs', 'of raw'],
      ...rows,
    ]),
  ];
  if (smoke) return lines.slice(0, 1).join('\n');
  const worst = Math.max(...sizes.map(({ ratio }) => ratio.median));
  lines.push(
    '',
    `S6 ratio: ${worst.toFixed(2)} at worst, target 1.6, goal 1.25: ${worst <= 1.25 ? 'goal' : worst <= 1.6 ? 'target' : 'no'}`,
  );
  if (slope)
    lines.push(
      `S6 slope: ${slope.http.toFixed(3)} (raw ${slope.raw.toFixed(3)}), target 0.03, goal 0.01: ${slope.http <= 0.01 ? 'goal' : slope.http <= 0.03 ? 'target' : 'no'}`,
    );
  return lines.join('\n');
}

/** S13: read marks per second. */
export function receiptsTable({ postgres, people, rounds, ratio, toldRatio, postgresRatio }: ReceiptsReport, smoke: boolean): string {
  if (smoke) return `${postgres}, a group of ${people}`;
  const row = (way: 'product' | 'updates') => [
    way,
    show(spread(rounds.map((round) => round[way].perSecond)), 0),
    show(spread(rounds.map((round) => round[way].millis)), 0),
    show(spread(rounds.map((round) => round[way].told)), 0),
    show(spread(rounds.map((round) => round[way].postgresMicros ?? Number.NaN)), 1),
  ];
  return [
    `${postgres}, a group of ${people}`,
    ...columns([['', 'marks/s', 'ms until marked', 'and totals told', 'postgres µs per mark'], row('product'), row('updates')]),
    '',
    `S13: ${show(ratio, 1)} × the updates, target 8, goal 25: ${ratio.median >= 25 ? 'goal' : ratio.median >= 8 ? 'target' : 'no'}`,
    `With everybody told what is left unread, which the updates do not: ${show(toldRatio, 1)} ×`,
    ...(postgresRatio ? [`PostgreSQL's processor time: ${show(postgresRatio, 1)} × less`] : []),
  ].join('\n');
}

const DRIVEN: Readonly<Record<OutboxReport['driven'][number]['what'], string>> = {
  messages: 'search entries and notifications of messages',
  rows: 'a row each, in batches',
  jobs: 'a row and a transaction each, as jobs of the process',
  bullmq: 'the same, as jobs on BullMQ',
};

/** S21: from commit to effect, and effects per second while a backlog is worked off. */
export function outboxTable({ postgres, sent, latency, driven }: OutboxReport, smoke: boolean): string {
  if (smoke) return postgres;
  const { p50, p99, most } = latency;
  const reached = (value: number, target: number, goal: number) => (value <= goal ? 'goal' : value <= target ? 'target' : 'no');
  return [
    postgres,
    `S21: commit → effect of ${sent} messages: p50 ${p50.toFixed(1)} ms (target 10, goal 5: ${reached(p50, 10, 5)}), p99 ${p99.toFixed(1)} ms (target 50: ${reached(p99, 50, 50)}), most ${most.toFixed(0)} ms`,
    '',
    ...columns([
      ['driven', 'events', 'events/s', 'effects/s', 'node µs per effect', 'postgres µs per effect'],
      ...driven.map(({ what, events, effects, seconds, nodeMicros, postgresMicros }) => [
        DRIVEN[what],
        String(events),
        (events / seconds).toFixed(0),
        (effects / seconds).toFixed(0),
        nodeMicros.toFixed(0),
        postgresMicros?.toFixed(0) ?? '–',
      ]),
    ]),
  ].join('\n');
}

/** S23: what a session that idles in a transaction costs. */
export function horizonTable({ postgres, rounds, calm, sends, outbox, late }: HorizonReport, smoke: boolean): string {
  if (smoke) return postgres;
  const reached = ({ median }: Spread) => (median >= 0.95 ? 'goal' : median >= 0.85 ? 'target' : 'no');
  const of = (pick: (round: HorizonRound) => number) => show(spread(rounds.map(pick)), 2);
  return [
    postgres,
    `S23, with the session ÷ without, ${rounds.length} rounds in ${rounds.at(-1)?.minute.toFixed(1)} minutes: median [lowest–highest]; target 0.85, goal 0.95`,
    '',
    ...columns([
      ['', 'without', 'ratio', 'ratio in the last fifth', 'reached then'],
      ['messages/s', show(calm.sends, 0), show(sends, 2), show(late.sends, 2), reached(late.sends)],
      ['effects/s', show(calm.outbox, 0), show(outbox, 2), show(late.outbox, 2), reached(late.outbox)],
      ['node µs per message with its effects', show(calm.node, 0), of(({ node }) => node), '', ''],
      ['postgres µs', show(calm.postgres, 0), of(({ postgres: micros }) => micros), '', ''],
      ['pages of counters and outbox', show(calm.pages, 1), of(({ pages }) => pages), '', ''],
    ]),
  ].join('\n');
}

/** S10: logins a second, and messages while more arrive than can be hashed. */
export function loginsTable(report: LoginsReport, smoke: boolean): string {
  const { postgres, hashesAtOnce, rate, logins, rounds, ratio, messageRatio, loopRatio } = report;
  const about = `${postgres}, ${hashesAtOnce} hash(es) at a time`;
  if (smoke) return about;
  const of = (pick: (round: LoginsRound) => number, digits: number) => show(spread(rounds.map(pick)), digits);
  const reached = (target: boolean, goal: boolean) => (goal ? 'goal' : target ? 'target' : 'no');
  return [
    about,
    medianOf(report),
    '',
    ...columns([
      ['', 'a second', 'server µs', 'postgres µs'],
      [
        'logins',
        of((round) => round.product, 1),
        of((round) => round.serverMicros, 0),
        of((round) => round.postgresMicros ?? Number.NaN, 0),
      ],
      ['argon2 loop', of((round) => round.raw, 1), of((round) => round.rawMicros, 0), '–'],
    ]),
    '',
    ...columns([
      ['', 'a second', 'p50 ms', 'p99 ms'],
      ['messages', `${rate}`, of(({ quiet }) => quiet.p50, 2), of(({ quiet }) => quiet.p99, 2)],
      ['messages beside the loop', `${rate}`, of(({ besideLoop }) => besideLoop.p50, 2), of(({ besideLoop }) => besideLoop.p99, 2)],
      ['messages in the flood', `${rate}`, of(({ flooded }) => flooded.p50, 2), of(({ flooded }) => flooded.p99, 2)],
      [
        'logins refused',
        of((round) => round.refusedPerSecond, 0),
        of(({ refusal }) => refusal.p50, 1),
        of(({ refusal }) => refusal.p99, 1),
      ],
      [
        'logins admitted',
        of((round) => round.admittedPerSecond, 0),
        of(({ admission }) => admission.p50, 0),
        of(({ admission }) => admission.p99, 0),
      ],
    ]),
    '',
    `S10 logins: ${show(ratio, 2)} of the loop, target 0.85, goal 0.95: ${reached(ratio.median >= 0.85, ratio.median >= 0.95)}`,
    `S10 messages, p99 while ${logins} logins/s arrive: ${show(messageRatio, 2)} ×, target 1.5, goal 1.15: ${reached(messageRatio.median <= 1.5, messageRatio.median <= 1.15)}`,
    `    the loop alone, in another process and with no login: ${show(loopRatio, 2)} ×`,
  ].join('\n');
}
