import { mkdir, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { cachedTable } from './cached-report.ts';
import { idleTable } from './idle-report.ts';
import { compare, horizonTable, loginsTable, outboxTable, readsTable, receiptsTable, table } from './report.ts';
import { sendLimitsTable, versusTable } from './interval-report.ts';
import { cached } from './scenarios/cached.ts';
import { horizon } from './scenarios/horizon.ts';
import { idle } from './scenarios/idle.ts';
import { nodes } from './scenarios/nodes.ts';
import { nodesTable } from './nodes-report.ts';
import { logins } from './scenarios/logins.ts';
import { outbox } from './scenarios/outbox.ts';
import { reads } from './scenarios/reads.ts';
import { receipts } from './scenarios/receipts.ts';
import { sendLimits } from './scenarios/send-limits.ts';
import { send } from './scenarios/send.ts';
import { versus } from './scenarios/versus.ts';
import type { Name } from './servers/contestants.ts';

const HELP = `pnpm bench <send|append|history|inbox|cached|receipts|logins|outbox|horizon|idle|nodes|versus> [options]

  send    a direct message through the product, beside a relay, the append function alone and the tutorial way
  append  the append function alone: what the database gives, the same as send --only append
  history   a page of 50 over HTTP beside the raw named query through pg, in conversations of 10,000 and 100,000 messages
  inbox     the list of conversations of people with 10, 100 and 1,000 of them, beside its raw named query
  cached    the conversation list, the newest page of a history and the own profile: uncached, 304 and cached, beside a bare Fastify route with the same bytes
  receipts  1,000 read marks in a busy group through the product's log, beside one UPDATE each
  logins    logins over HTTP beside a raw argon2 loop, and direct messages while more logins arrive than can be hashed beside messages alone
  outbox    from a message's commit to its effect at a fixed rate, and how fast a backlog of side effects is worked off
  horizon   messages and their effects while one session idles in a transaction, beside a database without one
  idle      memory and processor time of sockets that say nothing, in 20 conversations each, beside stock Socket.IO
  nodes     two nodes and Redis, who sends at one and who receives at the other, beside two stock nodes with the sharded adapter
  versus <checkout> …  send, history and inbox of other checkouts' products and of this one, in turns: what a change costs

  --smoke             once through in about 15 s; only the counts decide
  --rounds <n>        rounds that count (5); each is relay, product, append, tutorial and back
  --seconds <n>       of each phase (3); horizon: how long the session idles (600); idle: how long they are watched (60)
  --size <n>          history: the larger conversation; from 1,000,000 on also 10,000 and 100,000 (100,000; smoke: 3,000); outbox: the backlog (20,000); horizon: messages of each turn (5,000); idle: sockets (2,000)
  --requests <n>      history, inbox, cached: pages of each turn (history 1,000, inbox 300, cached 800)
  --conversations <n> direct conversations, two clients each (200; logins: 50; smoke: 40)
  --in-flight <n>     messages in flight per conversation under full load (4)
  --rate <n>          messages per second for the latency (default: 30 % of the relay's most, capped; logins, outbox: 500)
  --logins <n>        logins per second of the flood (200)
  --limits <which>    send: high (limits on, none is ever reached), or default: what those of .env.example cost beside none (20 rounds, 1,500 conversations)
  --only <names>      comma-separated: relay,product,append,tutorial; versus: send,effects,history,inbox
  --profile           the product writes a processor profile to bench/results
  --json <file>       where the figures go (bench/results/<scenario>-<time>.json)`;

const results = fileURLToPath(new URL('./results/', import.meta.url));
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    help: { type: 'boolean', short: 'h' },
    smoke: { type: 'boolean', default: false },
    profile: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '5' },
    size: { type: 'string' },
    requests: { type: 'string' },
    seconds: { type: 'string' },
    conversations: { type: 'string' },
    'in-flight': { type: 'string', default: '4' },
    rate: { type: 'string' },
    logins: { type: 'string', default: '200' },
    limits: { type: 'string', default: 'high' },
    only: { type: 'string' },
    json: { type: 'string' },
  },
});

function positive(name: string, text: string): number {
  const number = Number(text);
  if (!(number > 0)) throw new Error(`--${name} must be a number above 0`);
  return number;
}

function chosen(scenario: 'send' | 'append'): string {
  if (scenario === 'append') return 'append';
  // The function alone has no acks or deliveries to count.
  return values.only ?? (values.smoke ? 'relay,product,tutorial' : 'relay,product,append,tutorial');
}

async function main(): Promise<number> {
  const [scenario, ...checkouts] = positionals;
  if (!values.help && scenario === 'versus' && checkouts.length > 0) return compared(checkouts);
  if (
    !values.help &&
    (scenario === 'history' ||
      scenario === 'inbox' ||
      scenario === 'cached' ||
      scenario === 'receipts' ||
      scenario === 'logins' ||
      scenario === 'outbox' ||
      scenario === 'horizon' ||
      scenario === 'idle' ||
      scenario === 'nodes')
  )
    return others(scenario);
  if (values.help || (scenario !== 'send' && scenario !== 'append')) {
    console.log(HELP);
    return values.help ? 0 : 2;
  }
  if (scenario === 'send' && values.limits !== 'high') return limited();
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

type Other = 'history' | 'inbox' | 'cached' | 'receipts' | 'logins' | 'outbox' | 'horizon' | 'idle' | 'nodes';

async function others(scenario: Other): Promise<number> {
  await mkdir(results, { recursive: true });
  const { smoke } = values;
  const startedAt = new Date();
  const common = { smoke, rounds: positive('rounds', values.rounds), log: (line: string) => console.error(line) };
  if (scenario === 'receipts') {
    const options = { ...common, marks: smoke ? 200 : 1_000 };
    const report = await receipts(options);
    console.log(`\n${receiptsTable(report, smoke)}`);
    return conclude(scenario, startedAt, { options, report }, report.faults, 'every mark is where it belongs');
  }
  if (scenario === 'horizon') {
    const options = {
      ...common,
      seconds: positive('seconds', values.seconds ?? '600'),
      messages: positive('size', values.size ?? (smoke ? '500' : '5000')),
      conversations: positive('conversations', values.conversations ?? '200'),
    };
    const report = await horizon(options);
    console.log(`\n${horizonTable(report, smoke)}`);
    return conclude(scenario, startedAt, { options, report }, report.faults, 'every message had its effect');
  }
  if (scenario === 'idle') {
    const options = {
      ...common,
      rounds: smoke ? 1 : common.rounds,
      sockets: positive('size', values.size ?? (smoke ? '200' : '2000')),
      seconds: positive('seconds', values.seconds ?? (smoke ? '1' : '60')),
    };
    const report = await idle(options);
    console.log(`\n${idleTable(report)}`);
    return conclude(scenario, startedAt, { options, report }, report.faults, 'no socket was closed');
  }
  if (scenario === 'outbox') {
    const options = {
      ...common,
      seconds: positive('seconds', values.seconds ?? (smoke ? '1' : '10')),
      rate: positive('rate', values.rate ?? '500'),
      backlog: positive('size', values.size ?? '20000'),
    };
    const report = await outbox(options);
    console.log(`\n${outboxTable(report, smoke)}`);
    return conclude(scenario, startedAt, { options, report }, report.faults, 'every event had its effect');
  }
  if (scenario === 'nodes') {
    const options = {
      ...common,
      seconds: positive('seconds', values.seconds ?? (smoke ? '0.7' : '3')),
      conversations: positive('conversations', values.conversations ?? (smoke ? '20' : '200')),
      inFlight: positive('in-flight', values['in-flight']),
      rate: values.rate === undefined ? undefined : positive('rate', values.rate),
    };
    const report = await nodes(options);
    console.log(`\n${nodesTable(report, smoke)}`);
    return conclude(scenario, startedAt, { options, report }, report.faults, 'every message was acked once and delivered once');
  }
  const nodeOptions = values.profile ? ['--cpu-prof', `--cpu-prof-dir=${results}`] : [];
  if (scenario === 'cached') {
    const options = { ...common, requests: positive('requests', values.requests ?? '800'), inFlight: smoke ? 4 : 16, nodeOptions };
    const report = await cached(options);
    console.log(`\n${cachedTable(report, smoke)}`);
    return conclude(scenario, startedAt, { options, report }, report.faults, 'every answer had the status that it should');
  }
  if (scenario === 'logins') {
    const options = {
      ...common,
      seconds: positive('seconds', values.seconds ?? (smoke ? '0.7' : '3')),
      conversations: positive('conversations', values.conversations ?? (smoke ? '10' : '50')),
      rate: positive('rate', values.rate ?? '500'),
      logins: positive('logins', values.logins),
      nodeOptions,
    };
    const report = await logins(options);
    console.log(`\n${loginsTable(report, smoke)}`);
    return conclude(scenario, startedAt, { options, report }, report.faults, 'every message arrived once, and every login was answered');
  }
  const largest = positive('size', values.size ?? (smoke ? '3000' : '100000'));
  const sizes = [...new Set([10_000, 100_000, largest].filter((size) => size <= largest))];
  const options = {
    ...common,
    scenario,
    sizes,
    requests: positive('requests', values.requests ?? (scenario === 'history' ? '1000' : '300')),
    nodeOptions,
  };
  const report = await reads(options);
  console.log(`\n${readsTable(report, smoke)}`);
  return conclude(scenario, startedAt, { options, report }, report.faults, 'every page held what it should');
}

async function compared(checkouts: readonly string[]): Promise<number> {
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

async function limited(): Promise<number> {
  if (values.limits !== 'default') throw new Error('--limits is high or default');
  await mkdir(results, { recursive: true });
  const { smoke } = values;
  const startedAt = new Date();
  const options = {
    smoke,
    rounds: smoke ? 1 : Math.max(20, positive('rounds', values.rounds)),
    seconds: positive('seconds', values.seconds ?? (smoke ? '0.5' : '1')),
    conversations: positive('conversations', values.conversations ?? (smoke ? '600' : '1500')),
    log: (line: string) => console.error(line),
  };
  const report = await sendLimits(options);
  console.log(`\n${sendLimitsTable(report, smoke)}`);
  return conclude('send-limits', startedAt, { options, report }, report.faults, 'every message was acked once and delivered once');
}

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
