// `pnpm faults`: real nodes, a private PostgreSQL and Redis, clients, and what goes wrong in production; checkers judge what everybody was told.
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { type Measure, type Report, runScenario } from '../tests/faults/harness/run-scenario.ts';
import { startServices } from '../tests/faults/harness/services.ts';
import { scenarios } from '../tests/faults/scenarios/all.ts';

const HELP = `pnpm faults [options]

  --list           the scenarios
  --only <text>    scenarios whose name has this in it; may be given several times
  --seed <n>       run with this seed (1)
  --seeds <n>      run each scenario with the seeds 1 to n
  --clients <n>    devices (50)
  --pause <ms>     of each device between two messages, on average (800)
  --smoke          the short subset with a few clients; times are reported and not judged
  --json <file>    where the report goes (.cache/faults/<time>.json)`;

const { values } = parseArgs({
  options: {
    help: { type: 'boolean', short: 'h', default: false },
    list: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true, default: [] },
    seed: { type: 'string', default: '1' },
    seeds: { type: 'string' },
    clients: { type: 'string' },
    pause: { type: 'string' },
    smoke: { type: 'boolean', default: false },
    json: { type: 'string' },
  },
});

const SMOKE = { clients: 12, pauseMs: 300, scale: 0.2 };
const FULL = { clients: 50, pauseMs: 800, scale: 1 };
const SHOWN_FINDINGS = 5;

function count(name: string, text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) throw new Error(`--${name} must be a whole number above 0`);
  return number;
}

const isOver = ({ ms, limitMs }: Measure): boolean => limitMs !== undefined && ms > limitMs;

function linesOf({ scenario, seed, seconds, findings, measures, messages, entries, attempts, connects }: Report): string[] {
  const { ok, fail, unknown } = attempts;
  const head = `${findings.length === 0 ? '✔' : '✘'} ${scenario} (seed ${seed}): ${messages} messages, ${ok} attempts acknowledged, ${fail} refused, ${unknown} in doubt, ${connects} connections, ${entries} entries, ${seconds} s`;
  const times = measures.map((measure) => {
    const limit = measure.limitMs === undefined ? '' : ` (${isOver(measure) ? 'OVER' : 'at most'} ${measure.limitMs} ms)`;
    return `    ${measure.what}: ${measure.ms} ms${limit}`;
  });
  const wrong = findings.slice(0, SHOWN_FINDINGS).map(({ checker, what }) => `  ✘ ${checker}: ${what}`);
  if (findings.length > SHOWN_FINDINGS) wrong.push(`  ✘ and ${findings.length - SHOWN_FINDINGS} more, all in the report`);
  return [head, ...times, ...wrong];
}

async function main(): Promise<number> {
  const chosen = scenarios.filter(({ name, inSmoke }) =>
    values.only.length > 0 ? values.only.some((text) => name.includes(text)) : !values.smoke || inSmoke === true,
  );
  if (values.help || values.list || chosen.length === 0) {
    console.log(values.list ? scenarios.map(({ name }) => name).join('\n') : HELP);
    return values.help || values.list ? 0 : 2;
  }
  const preset = values.smoke ? SMOKE : FULL;
  const options = {
    ...preset,
    ...(values.clients !== undefined && { clients: count('clients', values.clients) }),
    ...(values.pause !== undefined && { pauseMs: count('pause', values.pause) }),
  };
  const seeds =
    values.seeds === undefined ? [count('seed', values.seed)] : Array.from({ length: count('seeds', values.seeds) }, (_, at) => at + 1);
  const startedAt = new Date();
  const reports: Report[] = [];
  const services = await startServices();
  try {
    for (const [at, scenario] of chosen.entries()) {
      for (const seed of seeds) {
        const log = (step: string) => console.error(`${at + 1}/${chosen.length} ${scenario.name}, seed ${seed}: ${step}`);
        const { report } = await runScenario(scenario, { ...options, services, seed, log });
        reports.push(report);
        console.log(linesOf(report).join('\n'));
      }
    }
  } finally {
    await services.stop();
  }
  const file = values.json ?? path.resolve(import.meta.dirname, `../.cache/faults/${startedAt.toISOString().replaceAll(':', '-')}.json`);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, `${JSON.stringify({ startedAt, ...options, reports }, undefined, 2)}\n`);
  const wrong = reports.reduce((sum, { findings }) => sum + findings.length, 0);
  const late = reports.flatMap(({ measures }) => measures).filter(isOver).length;
  console.log(`\n${reports.length} runs, ${wrong} findings, ${late} times over their limit; ${file}`);
  return wrong > 0 || (late > 0 && !values.smoke) ? 1 : 0;
}

process.exitCode = await main();
