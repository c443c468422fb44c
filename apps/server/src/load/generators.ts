import { CommandError } from '../cli/command.ts';
import type { Order } from './generator.ts';
import type { Group, Pace } from './group-load.ts';
import { startProcesses } from './processes.ts';
import { merge, type Step, type StepCounts } from './step.ts';

/** Load generators in processes of their own, with whole groups each, so that every one knows what its people have to receive. */
export async function startGenerators(url: string, groups: readonly Group[], count: number) {
  const generators = startProcesses<Order, StepCounts | undefined>(new URL('./generator.ts', import.meta.url), count);
  const run = Date.now().toString(36);
  const ask = (order: (at: number) => Order) =>
    generators.ask(order).catch((error: unknown) => Promise.reject(new CommandError((error as Error).message, { cause: error })));
  try {
    await ask((at) => ({ connect: { url, run: `${run}${at}`, groups: groups.filter((_, group) => group % count === at) } }));
  } catch (error) {
    generators.stop();
    throw error;
  }
  return {
    async step(pace: Pace): Promise<Step> {
      const parts = await ask(() => ({ step: { ...pace, rate: pace.rate / count } }));
      return merge(
        pace.rate,
        parts.flatMap((counts) => counts ?? []),
      );
    },
    stop: () => generators.stop(),
  };
}
