// `pnpm sim`: whole nodes in one process, on virtual time, over a network and a database that fail as the seed says.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { Outcome } from '../tests/simulation/simulate.ts';

const HELP = `pnpm sim [options]

  --seed <n>     only this seed
  --seeds <n>    so many seeds from the first (1,000)
  --first <n>    the first of them (1)
  --nightly      10,000 seeds
  --planted      whether the bugs that are planted in adapters are found, each within so many seeds
  --only <text>  of the planted bugs, those whose name has this in it
  --workers <n>  processes that simulate side by side (one for each processor)
  --verbose      a line for each seed
  --trace        everything that happens`;

const { values } = parseArgs({
  options: {
    help: { type: 'boolean', short: 'h', default: false },
    seed: { type: 'string' },
    seeds: { type: 'string' },
    first: { type: 'string', default: '1' },
    workers: { type: 'string', default: String(availableParallelism()) },
    nightly: { type: 'boolean', default: false },
    planted: { type: 'boolean', default: false },
    only: { type: 'string' },
    verbose: { type: 'boolean', default: false },
    trace: { type: 'boolean', default: false },
  },
});

const USUAL = 1_000;
const NIGHTLY = 10_000;
const SHOWN = 5;
const PROGRESS_EVERY = 50;

function count(name: string, text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) throw new Error(`--${name} must be a whole number above 0`);
  return number;
}

const first = count('first', values.seed ?? values.first);
const seeds = values.seed === undefined ? count('seeds', values.seeds ?? String(values.nightly ? NIGHTLY : USUAL)) : 1;
const workers = Math.min(seeds, count('workers', values.workers));
const begun = performance.now();
const seconds = () => Math.round((performance.now() - begun) / 1_000);

function linesOf({ seed, findings, hash, figures }: Outcome): string[] {
  const sums = Object.entries(figures).map(([name, value]) => `${value} ${name}`);
  return [
    `${findings.length === 0 ? '✔' : '✘'} seed ${seed}: ${sums.join(', ')}; ${hash}`,
    ...findings.slice(0, SHOWN).map(({ checker, what }) => `  ✘ ${checker}: ${what}`),
    ...(findings.length > SHOWN ? [`  ✘ and ${findings.length - SHOWN} more`] : []),
    ...(findings.length > 0 ? [`  again: pnpm sim --seed ${seed} --trace`] : []),
  ];
}

/** What a worker is asked for; `plant`: the name of a planted bug. */
export type Order = Readonly<{ seed: number; plant: string | undefined; isTraced: boolean }>;

/** `ended`: rejects when the process exits. */
type Worker = Readonly<{ process: ChildProcess; ended: Promise<never> }>;

function startWorker(): Worker {
  const worker = fork(path.resolve(import.meta.dirname, 'sim-worker.ts'));
  const ended = once(worker, 'exit').then(([code, signal]) => {
    throw new Error(`a worker ended by itself: ${signal ?? code}`);
  });
  ended.catch(() => {});
  return { process: worker, ended };
}

async function ask({ process: worker, ended }: Worker, order: Order): Promise<Outcome> {
  worker.send(order);
  const [outcome] = (await Promise.race([once(worker, 'message'), ended])) as [Outcome];
  return outcome;
}

/** Simulates one seed after the other in all workers, until `isEnough`. Outcomes come as they are ready. */
async function simulateAll(
  pool: readonly Worker[],
  from: number,
  plant: string | undefined,
  isEnough: (outcome: Outcome) => boolean,
): Promise<void> {
  let seed = from;
  let isOver = false;
  const take = async (worker: Worker): Promise<void> => {
    while (!isOver && seed < from + seeds) {
      const outcome = await ask(worker, { seed: seed++, plant, isTraced: values.trace });
      if (!isOver) isOver = isEnough(outcome);
    }
  };
  await Promise.all(pool.map(take));
}

/** All seeds; how many of them found something. */
async function search(pool: readonly Worker[]): Promise<number> {
  let failed = 0;
  let done = 0;
  await simulateAll(pool, first, undefined, (outcome) => {
    done += 1;
    if (outcome.findings.length > 0) failed += 1;
    if (outcome.findings.length > 0 || values.verbose || seeds === 1) console.log(linesOf(outcome).join('\n'));
    if (seeds > 1 && (done % PROGRESS_EVERY === 0 || done === seeds))
      console.log(`${done} of ${seeds} seeds, ${failed} with findings, ${seconds()} s`);
    return false;
  });
  return failed;
}

/** Each planted bug until it is found; how many were not. */
async function searchPlanted(pool: readonly Worker[]): Promise<number> {
  const { plants } = await import('../tests/simulation/plants.ts');
  let missed = 0;
  for (const { name } of plants.filter((plant) => values.only === undefined || plant.name.includes(values.only))) {
    let found: Outcome | undefined;
    await simulateAll(pool, first, name, (outcome) => {
      if (outcome.findings.length > 0) found = outcome;
      return found !== undefined;
    });
    if (found === undefined) missed += 1;
    console.log(
      found === undefined
        ? `✘ ${name}: not found within ${seeds} seeds`
        : `✔ ${name}: found by seed ${found.seed}, by ${[...new Set(found.findings.map(({ checker }) => checker))].join(', ')}`,
    );
  }
  return missed;
}

async function main(): Promise<number> {
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  const pool = Array.from({ length: workers }, startWorker);
  try {
    return (await (values.planted ? searchPlanted(pool) : search(pool))) === 0 ? 0 : 1;
  } finally {
    for (const worker of pool) worker.process.kill();
  }
}

process.exitCode = await main();
