import { startProcesses } from '@coucou/server/load/processes';
import type { Pair, Phase, Plan } from './fleet.ts';
import type { Answer, Order } from './generator.ts';
import type { Counts, Samples } from './ledger.ts';

export type LoadPhase = Phase & {
  /** Of all generators together. */
  cpuMicros: number;
  /** 1 = the busiest generator filled a core, so it may have been the limit and not the server. */
  generatorShare: number;
};

/** Our end of the load generators, each in a process of its own and with its part of the conversations. */
export class Load {
  readonly #generators;
  readonly #count: number;

  constructor(processes: number) {
    this.#generators = startProcesses<Order, Answer | undefined>(new URL('./generator.ts', import.meta.url), processes);
    this.#count = processes;
  }

  async connect(
    fleet: string,
    urls: readonly string[],
    pairs: readonly Pair[],
    numbered: boolean,
    peerUrls?: readonly string[],
  ): Promise<void> {
    const share = Math.ceil(pairs.length / this.#count);
    await this.#generators.ask((at) => {
      return { do: 'connect', fleet, urls, peerUrls, pairs: pairs.slice(at * share, (at + 1) * share), numbered };
    });
  }

  async run(fleet: string, plan: Plan): Promise<LoadPhase> {
    const own: Plan = plan.kind === 'open' ? { ...plan, rate: plan.rate / this.#count } : plan;
    const phases = (await this.#generators.ask(() => ({ do: 'run', fleet, plan: own }))).flatMap((phase) => phase ?? []);
    const seconds = Math.max(...phases.map((phase) => phase.seconds));
    return {
      counts: sumCounts(phases.map((phase) => phase.counts)),
      seconds,
      samples: mergeSamples(phases.map((phase) => phase.samples)),
      firstRefusal: phases.find((phase) => phase.firstRefusal)?.firstRefusal,
      cpuMicros: phases.reduce((sum, phase) => sum + phase.cpuMicros, 0),
      generatorShare: Math.max(...phases.map((phase) => phase.cpuMicros)) / (seconds * 1e6),
    };
  }

  stop(): void {
    this.#generators.stop();
  }
}

export function sumCounts(all: readonly Counts[]): Counts {
  const [first, ...rest] = all;
  if (!first) throw new Error('nothing was counted');
  const sum = { ...first };
  for (const counts of rest) for (const key of Object.keys(sum) as (keyof Counts)[]) sum[key] += counts[key];
  return sum;
}

export function mergeSamples(all: readonly Samples[]): Samples {
  const merge = (key: keyof Samples) => {
    const merged = new Float64Array(all.reduce((sum, samples) => sum + samples[key].length, 0));
    let at = 0;
    for (const samples of all) {
      merged.set(samples[key], at);
      at += samples[key].length;
    }
    return merged;
  };
  return { ack: merge('ack'), delivery: merge('delivery'), both: merge('both') };
}
