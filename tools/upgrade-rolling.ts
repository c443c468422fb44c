// `pnpm upgrade:rolling`: two nodes of an earlier version under load, the migration of this one, and their replacement in turn.
import { parseArgs } from 'node:util';
import { type Measure, type Report, runScenario } from '../tests/faults/harness/run-scenario.ts';
import { startServices } from '../tests/faults/harness/services.ts';
import { type Checkout, checkOut, lastRelease, runSuites } from '../tests/upgrades/checkout.ts';
import { rollingUpgrade } from '../tests/upgrades/rolling.ts';

const HELP = `pnpm upgrade:rolling [--from COMMIT] [--clients N] [--pause MS] [--seed N]
pnpm upgrade:rolling --suites [--from COMMIT]

Checks an earlier version out, beside this one, and starts two nodes of it on PostgreSQL and Redis of their own. While people use them, this
version migrates the database, and takes the place of one node after the other. No send may fail, everybody stays signed in, and the checkers
of pnpm faults judge what was stored and who was told of it. The exit code is 1 when anything was found.

With --suites the suites of the earlier version run instead, on databases that this version has migrated.

--from COMMIT   a commit, tag or branch; the last tag where nothing is said, or the commit that tests/upgrades/checkout.ts names
--clients N     devices, two for each person; 30 where nothing is said
--pause MS      of each device between two messages, on average; 400 where nothing is said
--seed N        what the dice begin with; 1 where nothing is said`;

const { values } = parseArgs({
  options: {
    help: { type: 'boolean', short: 'h', default: false },
    from: { type: 'string' },
    clients: { type: 'string', default: '30' },
    pause: { type: 'string', default: '400' },
    seed: { type: 'string', default: '1' },
    suites: { type: 'boolean', default: false },
  },
});

function count(name: 'clients' | 'pause' | 'seed'): number {
  const number = Number(values[name]);
  if (!Number.isInteger(number) || number < 1) throw new Error(`--${name} must be a whole number above 0`);
  return number;
}

const isOver = ({ ms, limitMs }: Measure): boolean => limitMs !== undefined && ms > limitMs;

async function main(): Promise<number> {
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  const options = { clients: count('clients'), pauseMs: count('pause'), seed: count('seed') };
  const from = values.from ?? (await lastRelease());
  log(`checks ${from} out`);
  const checkout = await checkOut(from, values.suites ? 'everything' : 'server');
  try {
    if (values.suites) return (await runSuites(checkout)) ? 0 : 1;
    const report = await roll(checkout, options);
    for (const line of linesOf(report)) console.log(line);
    return faultsOf(report) === 0 ? 0 : 1;
  } finally {
    await checkout.remove();
  }
}

const log = (line: string) => console.error(`${new Date().toISOString().slice(11, 19)} ${line}`);

async function roll({ root, commit }: Checkout, options: Readonly<{ clients: number; pauseMs: number; seed: number }>): Promise<Report> {
  const services = await startServices();
  try {
    const { report } = await runScenario(rollingUpgrade, { ...options, services, root, log });
    return { ...report, scenario: `${rollingUpgrade.name} from ${commit}` };
  } finally {
    await services.stop();
  }
}

const faultsOf = ({ findings, measures }: Report): number => findings.length + measures.filter(isOver).length;

function linesOf(report: Report): string[] {
  const { scenario, seconds, messages, attempts, connects, measures, findings } = report;
  return [
    `${scenario}, in ${seconds} s`,
    `messages stored: ${messages}; attempts acknowledged ${attempts.ok}, refused ${attempts.fail}, in doubt ${attempts.unknown}`,
    `connections: ${connects}`,
    ...measures.map((measure) => {
      const limit = measure.limitMs === undefined ? '' : ` (${isOver(measure) ? 'OVER' : 'at most'} ${measure.limitMs} ms)`;
      return `${measure.what}: ${measure.ms} ms${limit}`;
    }),
    ...findings.map(({ checker, what }) => `✘ ${checker}: ${what}`),
    faultsOf(report) === 0 ? '✔ no send failed, nobody was signed out, nothing was lost' : `✘ ${faultsOf(report)} findings`,
  ];
}

process.exitCode = await main();
