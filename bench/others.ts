import { cachedTable } from './cached-report.ts';
import { idleTable } from './idle-report.ts';
import { nodesTable } from './nodes-report.ts';
import { positive, results, values } from './options.ts';
import { horizonTable, loginsTable, outboxTable, readsTable, receiptsTable } from './report.ts';
import { cached } from './scenarios/cached.ts';
import { horizon } from './scenarios/horizon.ts';
import { idle } from './scenarios/idle.ts';
import { logins } from './scenarios/logins.ts';
import { nodes } from './scenarios/nodes.ts';
import { outbox } from './scenarios/outbox.ts';
import { reads } from './scenarios/reads.ts';
import { outage } from './scenarios/outage.ts';
import { outageTable } from './outage-report.ts';
import { slopes, SLOPES } from './scenarios/slopes.ts';
import { slopesTable } from './slopes-report.ts';
import { stalled } from './scenarios/stalled.ts';
import { stalledTable } from './stalled-report.ts';
import { presence } from './scenarios/presence.ts';
import { presenceTable } from './presence-report.ts';
import { receipts } from './scenarios/receipts.ts';
import { retention } from './scenarios/retention.ts';
import { retentionTable } from './retention-report.ts';
import { restart } from './scenarios/restart.ts';
import { restartTable } from './restart-report.ts';
import { storm } from './scenarios/storm.ts';
import { stormTable } from './storm-report.ts';

/** What a run was given and measured, its figures as text, and what is said when it found no fault. */
export type Outcome = Readonly<{ options: object; report: Readonly<{ faults: readonly string[] }>; text: string; good: string }>;

const { smoke } = values;
const common = { smoke, rounds: positive('rounds', values.rounds), log: (line: string) => console.error(line) };
const nodeOptions = values.profile ? ['--cpu-prof', `--cpu-prof-dir=${results}`] : [];
/** A number of the command line, or the scenario's own. */
const number = (name: 'seconds' | 'size' | 'requests' | 'conversations' | 'rate', own: number): number =>
  positive(name, values[name] ?? String(own));

/** The scenarios beside `send`, which has options of its own. */
export const others: Readonly<Record<string, () => Promise<Outcome>>> = {
  history: () => readsOf('history'),
  inbox: () => readsOf('inbox'),

  async receipts() {
    const options = { ...common, marks: smoke ? 200 : 1_000 };
    const report = await receipts(options);
    return { options, report, text: receiptsTable(report, smoke), good: 'every mark is where it belongs' };
  },

  async horizon() {
    const options = {
      ...common,
      seconds: number('seconds', 600),
      messages: number('size', smoke ? 500 : 5_000),
      conversations: number('conversations', 200),
    };
    const report = await horizon(options);
    return { options, report, text: horizonTable(report, smoke), good: 'every message had its effect' };
  },

  async idle() {
    const options = {
      ...common,
      rounds: smoke ? 1 : common.rounds,
      sockets: number('size', smoke ? 200 : 2_000),
      seconds: number('seconds', smoke ? 1 : 60),
    };
    const report = await idle(options);
    return { options, report, text: idleTable(report), good: 'no socket was closed' };
  },

  async outbox() {
    const options = { ...common, seconds: number('seconds', smoke ? 1 : 10), rate: number('rate', 500), backlog: number('size', 20_000) };
    const report = await outbox(options);
    return { options, report, text: outboxTable(report, smoke), good: 'every event had its effect' };
  },

  async nodes() {
    const options = {
      ...common,
      seconds: number('seconds', smoke ? 0.7 : 3),
      conversations: number('conversations', smoke ? 20 : 200),
      inFlight: positive('in-flight', values['in-flight']),
      rate: values.rate === undefined ? undefined : positive('rate', values.rate),
    };
    const report = await nodes(options);
    return { options, report, text: nodesTable(report, smoke), good: 'every message was acked once and delivered once' };
  },

  async presence() {
    const options = { ...common, people: number('size', smoke ? 100 : 1_000), seconds: number('seconds', 2.4) };
    const report = await presence(options);
    return { options, report, text: presenceTable(report, smoke), good: 'everybody heard of everybody' };
  },

  async stalled() {
    const options = {
      ...common,
      readers: number('size', smoke ? 60 : 1_000),
      stalled: smoke ? 5 : 20,
      seconds: number('seconds', smoke ? 2 : 5),
      rate: number('rate', 10),
    };
    const report = await stalled(options);
    return { options, report, text: stalledTable(report, smoke), good: 'who reads has everything' };
  },

  async outage() {
    const options = {
      ...common,
      seconds: number('seconds', smoke ? 0.7 : 2),
      conversations: number('conversations', smoke ? 20 : 100),
      inFlight: positive('in-flight', values['in-flight']),
    };
    const report = await outage(options);
    return { options, report, text: outageTable(report, smoke), good: 'every message was acked once, and the other node has heard of all' };
  },

  async slopes() {
    const chosen = values.only?.split(',') ?? SLOPES;
    if (!SLOPES.some((slope) => chosen.includes(slope))) throw new Error(`--only: there is no ${values.only}`);
    const options = {
      ...common,
      only: SLOPES.filter((slope) => chosen.includes(slope)),
      sockets: number('size', smoke ? 200 : 8_000),
      seconds: number('seconds', smoke ? 0.7 : 2),
      pairs: number('conversations', smoke ? 4 : 20),
      inFlight: positive('in-flight', values['in-flight']),
    };
    const report = await slopes(options);
    return { options, report, text: slopesTable(report, smoke), good: 'every message was acked once and delivered once' };
  },

  async storm() {
    const options = { ...common, clients: number('size', smoke ? 200 : 3_000), nodeOptions };
    const report = await storm(options);
    return { options, report, text: stormTable(report, smoke), good: 'everybody is back and has what was missed, once' };
  },

  async restart() {
    const options = {
      ...common,
      clients: number('size', smoke ? 200 : 3_000),
      seconds: number('seconds', smoke ? 2 : 5),
      rate: number('rate', 50),
      nodeOptions,
    };
    const report = await restart(options);
    return {
      options,
      report,
      text: restartTable(report, smoke),
      good: 'everybody is back and has everything once, and the node ended well',
    };
  },

  async retention() {
    const options = {
      smoke,
      messages: number('size', smoke ? 20_000 : 1_000_000),
      members: smoke ? 20 : 1_000,
      seconds: number('seconds', smoke ? 1 : 6),
      rate: number('rate', 50),
      rounds: smoke ? 1 : common.rounds,
      log: common.log,
    };
    const report = await retention(options);
    return {
      options,
      report,
      text: retentionTable(report, smoke),
      good: 'everything that was to go is gone and archived, and what members see is right',
    };
  },

  async cached() {
    const options = { ...common, requests: number('requests', 800), inFlight: smoke ? 4 : 16, nodeOptions };
    const report = await cached(options);
    return { options, report, text: cachedTable(report, smoke), good: 'every answer had the status that it should' };
  },

  async logins() {
    const options = {
      ...common,
      seconds: number('seconds', smoke ? 0.7 : 3),
      conversations: number('conversations', smoke ? 10 : 50),
      rate: number('rate', 500),
      logins: positive('logins', values.logins),
      nodeOptions,
    };
    const report = await logins(options);
    return { options, report, text: loginsTable(report, smoke), good: 'every message arrived once, and every login was answered' };
  },
};

async function readsOf(scenario: 'history' | 'inbox'): Promise<Outcome> {
  const largest = number('size', smoke ? 3_000 : 100_000);
  const sizes = [...new Set([10_000, 100_000, largest].filter((size) => size <= largest))];
  const requests = number('requests', scenario === 'history' ? 1_000 : 300);
  const options = { ...common, scenario, sizes, requests, nodeOptions };
  const report = await reads(options);
  return { options, report, text: readsTable(report, smoke), good: 'every page held what it should' };
}
