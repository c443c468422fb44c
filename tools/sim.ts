// `pnpm sim`: whole nodes in one process, on virtual time, over a network and a database that fail as the seed says.
import '../tests/simulation/time/interpose.ts';
import { parseArgs } from 'node:util';
import type { Outcome } from '../tests/simulation/simulate.ts';

const HELP = `pnpm sim [options]

  --seed <n>     only this seed
  --seeds <n>    so many seeds from the first (1,000)
  --first <n>    the first of them (1)
  --nightly      10,000 seeds
  --planted      whether the bugs that are planted in adapters are found, each within so many seeds
  --verbose      a line for each seed
  --trace        everything that happens`;

const { values } = parseArgs({
  options: {
    help: { type: 'boolean', short: 'h', default: false },
    seed: { type: 'string' },
    seeds: { type: 'string' },
    first: { type: 'string', default: '1' },
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
const trace = values.trace ? { trace: (line: string) => console.log(line) } : {};
const seconds = (
  (begun) => () =>
    Number((process.hrtime.bigint() - begun) / 1_000_000_000n)
)(process.hrtime.bigint());

function linesOf({ seed, findings, hash, figures }: Outcome): string[] {
  const sums = Object.entries(figures).map(([name, value]) => `${value} ${name}`);
  return [
    `${findings.length === 0 ? '✔' : '✘'} seed ${seed}: ${sums.join(', ')}; ${hash}`,
    ...findings.slice(0, SHOWN).map(({ checker, what }) => `  ✘ ${checker}: ${what}`),
    ...(findings.length > SHOWN ? [`  ✘ and ${findings.length - SHOWN} more`] : []),
    ...(findings.length > 0
      ? [`  again: pnpm sim --seed ${seed} --trace, or from the same first seed: --first ${first} --seeds ${seed - first + 1}`]
      : []),
  ];
}

/** All seeds; how many of them found something. */
async function search(): Promise<number> {
  const { simulate } = await import('../tests/simulation/simulate.ts');
  let failed = 0;
  for (let seed = first; seed < first + seeds; seed += 1) {
    const outcome = await simulate({ seed, ...trace });
    if (outcome.findings.length > 0) failed += 1;
    if (outcome.findings.length > 0 || values.verbose || seeds === 1) console.log(linesOf(outcome).join('\n'));
    const done = seed - first + 1;
    if (seeds > 1 && (done % PROGRESS_EVERY === 0 || done === seeds))
      console.log(`${done} of ${seeds} seeds, ${failed} with findings, ${seconds()} s`);
  }
  return failed;
}

/** Each planted bug until it is found; how many were not. */
async function searchPlanted(): Promise<number> {
  const [{ simulate }, { plants }] = await Promise.all([
    import('../tests/simulation/simulate.ts'),
    import('../tests/simulation/plants.ts'),
  ]);
  let missed = 0;
  // Seeds ascend in a process: each begins after all that ran before.
  let seed = first;
  for (const plant of plants.filter(({ name }) => values.only === undefined || name.includes(values.only))) {
    const from = seed;
    let found: Outcome | undefined;
    for (; found === undefined && seed < from + seeds; seed += 1) {
      const outcome = await simulate({ seed, plant, ...trace });
      if (outcome.findings.length > 0) found = outcome;
    }
    if (found === undefined) missed += 1;
    const [finding] = found?.findings ?? [];
    console.log(
      finding === undefined
        ? `✘ ${plant.name}: not found within ${seeds} seeds`
        : `✔ ${plant.name}: found by seed ${found?.seed}, number ${seed - from}, by ${[...new Set(found?.findings.map(({ checker }) => checker))].join(', ')}`,
    );
  }
  return missed;
}

if (values.help) console.log(HELP);
else process.exitCode = (await (values.planted ? searchPlanted() : search())) === 0 ? 0 : 1;
