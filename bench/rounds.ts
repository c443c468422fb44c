import type { Plan } from './load/fleet.ts';
import type { Counts, Samples } from './load/ledger.ts';
import { type Load, mergeSamples, sumCounts } from './load/load.ts';
import { percentile } from '@coucou/server/load/percentile';
import type { Contestant } from './servers/contestants.ts';
import type { ServerProcess } from './servers/start.ts';

/** One phase of load on one server, with what it cost. */
export interface Turn {
  counts: Counts;
  seconds: number;
  serverMicros: number;
  /** Undefined where PostgreSQL runs elsewhere. */
  postgresMicros: number | undefined;
  generatorShare: number;
  generatorMicros: number;
  samples: Samples;
  firstRefusal: string | undefined;
}

export interface Bench {
  load: Load;
  postgresCpu: (() => number) | undefined;
}

/** What takes a turn: `name` is the fleet of clients that is connected to it. */
export type Driven = Readonly<{ name: string; server: Pick<ServerProcess, 'cpuMicros'>; drive?: Contestant['drive'] }>;

export async function turn({ load, postgresCpu }: Bench, { name, server, drive }: Driven, plan: Plan): Promise<Turn> {
  const serverBefore = await server.cpuMicros();
  const postgresBefore = postgresCpu?.();
  const phase = drive && plan.kind === 'closed' ? await drive(plan) : await load.run(name, plan);
  const serverMicros = (await server.cpuMicros()) - serverBefore;
  return {
    counts: phase.counts,
    seconds: phase.seconds,
    serverMicros,
    postgresMicros: postgresBefore === undefined ? undefined : (postgresCpu?.() ?? 0) - postgresBefore,
    generatorShare: phase.generatorShare,
    generatorMicros: phase.cpuMicros,
    samples: phase.samples,
    firstRefusal: phase.firstRefusal,
  };
}

/** The figures of one server in one round. */
export interface Figures {
  /** U: processor µs of the server per message, under full load, and PostgreSQL's apart. */
  serverMicros: number;
  postgresMicros: number | undefined;
  /** T: messages per second, acked and delivered. */
  perSecond: number;
  /** The same U at the fixed rate. */
  serverMicrosAtRate: number | undefined;
  postgresMicrosAtRate: number | undefined;
  /** L at the fixed rate in ms, from the intended time until acked and delivered; undefined where the rate is above T. */
  latency: Record<'p50' | 'p99' | 'ackP50' | 'ackP99' | 'deliveryP50' | 'deliveryP99', number> | undefined;
  /** How full the busiest load generator's core was under full load: near 1 it is the limit. */
  generatorShare: number;
  generatorMicros: number;
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

/** The turns of one server in one round, as one: sums divided by sums, samples merged. */
export function figures(closed: readonly Turn[], open: readonly Turn[]): Figures {
  const { acked } = sumCounts(closed.map(({ counts }) => counts));
  const samples = mergeSamples(open.map((each) => each.samples));
  const atRate = sum(open.map(({ counts }) => counts.acked));
  return {
    serverMicros: sum(closed.map(({ serverMicros }) => serverMicros)) / acked,
    postgresMicros: postgresPerMessage(closed),
    perSecond: acked / sum(closed.map(({ seconds }) => seconds)),
    serverMicrosAtRate: atRate === 0 ? undefined : sum(open.map(({ serverMicros }) => serverMicros)) / atRate,
    postgresMicrosAtRate: postgresPerMessage(open),
    latency:
      samples.both.length === 0
        ? undefined
        : {
            p50: percentile(samples.both, 0.5),
            p99: percentile(samples.both, 0.99),
            ackP50: percentile(samples.ack, 0.5),
            ackP99: percentile(samples.ack, 0.99),
            deliveryP50: percentile(samples.delivery, 0.5),
            deliveryP99: percentile(samples.delivery, 0.99),
          },
    generatorShare: Math.max(...closed.map(({ generatorShare }) => generatorShare)),
    generatorMicros: sum(closed.map(({ generatorMicros }) => generatorMicros)) / acked,
  };
}

function postgresPerMessage(turns: readonly Turn[]): number | undefined {
  const known = turns.flatMap(({ postgresMicros }) => (postgresMicros === undefined ? [] : [postgresMicros]));
  if (known.length < turns.length || turns.length === 0) return undefined;
  return sum(known) / sum(turns.map(({ counts }) => counts.acked));
}

/** What is wrong with the counts of a phase: every message acked once, and delivered once to the peer. */
export function faults(name: string, { counts, firstRefusal }: Turn): string[] {
  const wrong: string[] = [];
  const check = (bad: number, what: string) => {
    if (bad !== 0) wrong.push(`${name}: ${bad} of ${counts.sent} ${what}`);
  };
  if (counts.sent === 0) wrong.push(`${name}: nothing was sent`);
  check(counts.refused, `refused, first with ${firstRefusal}`);
  check(counts.sent - counts.acked - counts.refused, 'never acked');
  check(counts.sent - counts.delivered, 'never delivered');
  check(counts.ackedTwice, 'acked twice');
  check(counts.deliveredTwice, 'delivered twice');
  check(counts.deliveredElsewhere, 'delivered to someone else');
  check(counts.late, 'acks or deliveries of an earlier phase');
  check(counts.gaps, 'conversations with a gap in seq');
  check(counts.closed, 'connections closed by the server');
  return wrong;
}
