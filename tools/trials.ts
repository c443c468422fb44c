// `pnpm trials`: rights that end at one of two nodes while others talk, by the thousand; what reaches those who lost them, and until when.
import { parseArgs } from 'node:util';
import { startServices } from '../tests/faults/harness/services.ts';
import { tableOf, type Trial } from '../tests/faults/trials/judge.ts';
import { openTrials } from '../tests/faults/trials/stage.ts';
import { cloneDatabase } from '../tests/support/template.ts';

const HELP = `pnpm trials [options]

  --trials <n>         removals and revocations of each with Redis up (1000)
  --without-redis <n>  of each with Redis stopped (100)
  --seed <n>           (1)`;

const { values } = parseArgs({
  options: {
    help: { type: 'boolean', short: 'h', default: false },
    trials: { type: 'string', default: '1000' },
    'without-redis': { type: 'string', default: '100' },
    seed: { type: 'string', default: '1' },
  },
});

/** What D7 promises. */
const BOUND_MS = { up: 1_000, down: 5_000 };
const SHOWN_FINDINGS = 10;

function report(where: string, trials: readonly Trial[], findings: readonly string[]): void {
  for (const [kind, some] of Map.groupBy(trials, (trial) => trial.kind)) {
    console.log(`${some.length} of ${kind}, ${where}; the last of each came after the answer (p50 / p99 / most):`);
    console.log(tableOf(some));
  }
  console.log(`  ${findings.length === 0 ? '✔' : '✘'} ${findings.length} findings`);
  for (const finding of findings.slice(0, SHOWN_FINDINGS)) console.log(`  ✘ ${finding}`);
}

async function main(): Promise<number> {
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  const services = await startServices();
  try {
    const database = await cloneDatabase(services.databases);
    const all = await openTrials({ database, seed: Number(values.seed), circles: 4, ofEach: 3 });
    try {
      const log = (line: string) => console.error(line);
      const up = await all.run(Number(values.trials), BOUND_MS.up, log);
      report('Redis up', up.trials, up.findings);
      await all.stopRedis();
      const down = await all.run(Number(values['without-redis']), BOUND_MS.down, log);
      report('Redis stopped', down.trials, down.findings);
      return up.findings.length + down.findings.length > 0 ? 1 : 0;
    } finally {
      await all.close();
    }
  } finally {
    await services.stop();
  }
}

process.exitCode = await main();
