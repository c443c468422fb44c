import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { CommandError } from '../cli/command.ts';
import type { Answer, Order } from './generator.ts';
import type { Group, Pace } from './group-load.ts';
import { merge, type Step } from './step.ts';

type Generator = Readonly<{ child: ChildProcess; ended: Promise<never> }>;

function start(): Generator {
  const child = fork(fileURLToPath(new URL('./generator.ts', import.meta.url)), { serialization: 'advanced' });
  const ended = once(child, 'exit').then(([code]) => Promise.reject(new CommandError(`a process of the load ended with ${code}`)));
  // It ends in the end, too, when nobody waits for it any more.
  ended.catch(() => {});
  return { child, ended };
}

async function ask({ child, ended }: Generator, order: Order) {
  const answered = once(child, 'message');
  child.send(order);
  const [answer] = (await Promise.race([answered, ended])) as [Answer];
  if ('failure' in answer) throw new CommandError(answer.failure);
  return answer.counts;
}

/** Processes with whole groups each, so that every one knows what its people have to receive. */
export async function startGenerators(url: string, groups: readonly Group[], processes: number) {
  const generators = Array.from({ length: processes }, start);
  const run = Date.now().toString(36);
  const stop = (): void => {
    for (const { child } of generators) if (child.connected) child.disconnect();
  };
  try {
    await Promise.all(
      generators.map((each, at) =>
        ask(each, { connect: { url, run: `${run}${at}`, groups: groups.filter((_, group) => group % processes === at) } }),
      ),
    );
  } catch (error) {
    stop();
    throw error;
  }
  return {
    async step(pace: Pace): Promise<Step> {
      const own = { ...pace, rate: pace.rate / processes };
      const parts = await Promise.all(generators.map((each) => ask(each, { step: own })));
      return merge(
        pace.rate,
        parts.flatMap((counts) => counts ?? []),
      );
    },
    stop,
  };
}
