import { mkdir, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { sendSettingsTable, versusTable } from './interval-report.ts';
import { HELP, positionals, positive, results, values } from './options.ts';
import { type Outcome, others } from './others.ts';
import { compare, table } from './report.ts';
import { type Compared, comparisons, sendSettings } from './scenarios/send-settings.ts';
import { send } from './scenarios/send.ts';
import { versus } from './scenarios/versus.ts';
import type { Name } from './servers/contestants.ts';

function chosen(scenario: 'send' | 'append'): string {
  if (scenario === 'append') return 'append';
  // The function alone has no acks or deliveries to count.
  return values.only ?? (values.smoke ? 'relay,product,tutorial' : 'relay,product,append,tutorial');
}

async function main(): Promise<number> {
  const [scenario, ...checkouts] = positionals;
  if (!values.help && scenario === 'versus' && checkouts.length > 0) return versions(checkouts);
  const run = others[scenario ?? ''];
  if (!values.help && scenario !== undefined && run !== undefined) return other(scenario, run);
  if (values.help || (scenario !== 'send' && scenario !== 'append')) {
    console.log(HELP);
    return values.help ? 0 : 2;
  }
  if (scenario === 'send' && values.settings !== undefined) return configured(values.settings);
  const only = chosen(scenario)
    .split(',')
    .map((name): Name => {
      if (name === 'relay' || name === 'product' || name === 'append' || name === 'tutorial') return name;
      throw new Error(`--only: there is no ${name}`);
    });
  await mkdir(results, { recursive: true });
  const options = {
    rounds: values.smoke ? 1 : positive('rounds', values.rounds),
    seconds: positive('seconds', values.seconds ?? (values.smoke ? '0.7' : '3')),
    conversations: positive('conversations', values.conversations ?? (values.smoke ? '40' : '200')),
    inFlight: positive('in-flight', values['in-flight']),
    rate: values.rate === undefined ? undefined : positive('rate', values.rate),
    only,
    smoke: values.smoke,
    nodeOptions: values.profile ? ['--cpu-prof', `--cpu-prof-dir=${results}`] : [],
    log: (line: string) => console.error(line),
  };
  const startedAt = new Date();
  const report = await send(options);
  // So short a run says nothing about speed.
  const comparison = values.smoke ? [] : compare(report);
  console.log(`\n${table(report, comparison)}`);
  return conclude(scenario, startedAt, { options, report, comparison }, report.faults, 'every message was acked once and delivered once');
}

async function other(scenario: string, run: () => Promise<Outcome>): Promise<number> {
  await mkdir(results, { recursive: true });
  const startedAt = new Date();
  const { options, report, text, good } = await run();
  console.log(`\n${text}`);
  return conclude(scenario, startedAt, { options, report }, report.faults, good);
}

async function versions(checkouts: readonly string[]): Promise<number> {
  await mkdir(results, { recursive: true });
  const startedAt = new Date();
  const options = {
    checkouts: [...checkouts, fileURLToPath(new URL('..', import.meta.url))],
    rounds: values.smoke ? 2 : positive('rounds', values.rounds),
    seconds: positive('seconds', values.seconds ?? '1'),
    conversations: positive('conversations', values.conversations ?? '100'),
    only: values.only?.split(','),
    log: (line: string) => console.error(line),
  };
  const report = await versus(options);
  console.log(`\n${versusTable(report)}`);
  return conclude('versus', startedAt, { options, report }, report.faults, 'every message was acked once and delivered once');
}

async function configured(compared: string): Promise<number> {
  if (!isCompared(compared)) throw new Error(`--settings is ${Object.keys(comparisons).join(' or ')}`);
  await mkdir(results, { recursive: true });
  const { smoke } = values;
  const startedAt = new Date();
  const options = {
    compared,
    smoke,
    rounds: smoke ? 1 : Math.max(20, positive('rounds', values.rounds)),
    seconds: positive('seconds', values.seconds ?? (smoke ? '0.5' : '1')),
    conversations: positive('conversations', values.conversations ?? (smoke ? '600' : '1500')),
    log: (line: string) => console.error(line),
  };
  const report = await sendSettings(options);
  console.log(`\n${sendSettingsTable(report, smoke)}`);
  return conclude(`send-${compared}`, startedAt, { options, report }, report.faults, 'every message was acked once and delivered once');
}

const isCompared = (name: string): name is Compared => Object.hasOwn(comparisons, name);

async function conclude(scenario: string, startedAt: Date, figures: object, faults: readonly string[], good: string): Promise<number> {
  const file = values.json ?? path.join(results, `${scenario}-${startedAt.toISOString().replaceAll(':', '-')}.json`);
  const machine = { node: process.version, cores: cpus().length, model: cpus()[0]?.model };
  await writeFile(file, `${JSON.stringify({ scenario, startedAt, machine, ...figures }, undefined, 2)}\n`);
  console.log(`\nfigures in ${path.relative(process.cwd(), file)}`);
  for (const fault of faults) console.error(`FAULT ${fault}`);
  if (faults.length > 0) return 1;
  console.log(good);
  return 0;
}

// A half-finished run must still stop its servers: their parent's end is what they listen to.
process.on('SIGINT', () => process.exit(130));
process.exitCode = await main();
