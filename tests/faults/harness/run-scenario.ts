import type { Finding, History } from '../checkers/history.ts';
import { check } from '../checkers/check.ts';
import { readAll, untilCaughtUp } from './catch-up.ts';
import { faultsInLogs } from './faults-in-logs.ts';
import { readFinalState } from './final-state.ts';
import type { Services } from './services.ts';
import { startTraffic, type Traffic } from './traffic.ts';
import { createWorld, lasting, type World, type WorldOptions } from './world.ts';

export type Scenario = Readonly<{
  name: string;
  /** What is done to the nodes, their services and their clients, while they are used. */
  disturb: (stage: Stage) => Promise<void>;
  /** Short enough for every run of the tests. */
  inSmoke?: true;
  envOf?: WorldOptions['envOf'];
  /** Clients reach the nodes through proxies. */
  isFronted?: true;
}>;

export type Stage = World &
  Readonly<{
    /** The traffic goes on for so long, less in a short run. */
    lasting: (ms: number) => Promise<void>;
    /** As much of it as a short run does. */
    scaled: (full: number) => number;
    /** A duration of the report, and the limit that it is held to where the promise names one. */
    measure: (what: string, ms: number, limitMs?: number) => void;
    /** Milliseconds until every device that is connected, and stays so, has what the database holds now. */
    caughtUp: () => Promise<number>;
    /** No more sends from here on. */
    traffic: Traffic;
    /** What a scenario sees that no checker of the log could. */
    finding: (what: string) => void;
    /** Devices that are not expected to have everything: signed out. */
    excuse: (client: string) => void;
  }>;

export type Measure = Readonly<{ what: string; ms: number; limitMs?: number | undefined }>;
export type Report = Readonly<{
  scenario: string;
  seed: number;
  seconds: number;
  findings: readonly Finding[];
  measures: readonly Measure[];
  messages: number;
  entries: number;
  attempts: Readonly<Record<'ok' | 'fail' | 'unknown', number>>;
  connects: number;
}>;

export type RunOptions = Readonly<{
  services: Services;
  seed: number;
  clients: number;
  /** Of each device, on average. */
  pauseMs: number;
  /** How much of each fault's duration; 1 for what the scenarios say. */
  scale?: number;
  /** The checkout that the nodes are of at first; default: this one. */
  root?: string;
  log?: (line: string) => void;
}>;

const WARM_MS = 1_500;

export async function runScenario(
  { name, disturb, envOf, isFronted }: Scenario,
  { services, seed, clients, pauseMs, scale = 1, root, log = () => {} }: RunOptions,
): Promise<Readonly<{ report: Report; history: History }>> {
  const begun = performance.now();
  const world = await createWorld({
    services,
    clients,
    seed,
    ...(envOf && { envOf }),
    ...(isFronted && { isFronted }),
    ...(root !== undefined && { root }),
  });
  const measures: Measure[] = [];
  const findings: Finding[] = [];
  const excused = new Set<string>();
  const finding = (what: string) => void findings.push({ checker: 'scenario', what });
  const caughtUp = () => timed(() => untilCaughtUp(world, excused));
  try {
    log('starts');
    for (const device of world.devices) await device.start();
    await untilCaughtUp(world, excused);
    const traffic = startTraffic(world, pauseMs);
    await lasting(WARM_MS);
    log('disturbs');
    const stage: Stage = {
      ...world,
      lasting: (ms) => lasting(ms * scale),
      scaled: (full) => Math.ceil(full * scale),
      traffic,
      caughtUp,
      finding,
      measure: (what, ms, limitMs) => void measures.push({ what, ms: Math.round(ms), limitMs }),
      excuse: (client) => void excused.add(client),
    };
    await disturb(stage).catch((error: unknown) => finding(String(error instanceof Error ? (error.stack ?? error.message) : error)));
    await lasting(WARM_MS);
    log('settles');
    await traffic.stop();
    await caughtUp().then(
      (ms) => stage.measure('everybody complete after the last send', ms),
      (error: unknown) => finding(String(error)),
    );
    for (const device of world.devices.filter((_, at) => at % 7 === 0)) await readAll(world, device);
    const history = {
      log: world.recorder.log,
      ...(await readFinalState(world.adminUrl)),
      complete: world.devices.filter(({ client }) => !excused.has(client)),
    };
    const crashes = [
      ...world.unexpectedExits(),
      ...world.nodes.flatMap(({ app }, at) => faultsInLogs(app).map((what) => `node ${at + 1}: ${what}`)),
    ].map((what) => ({ checker: 'process', what }));
    const { attempts } = world.recorder;
    const outcomes = (outcome: string) => attempts.filter((attempt) => attempt.outcome === outcome).length;
    return {
      history,
      report: {
        scenario: name,
        seed,
        seconds: Math.round((performance.now() - begun) / 1_000),
        findings: [...check(history), ...findings, ...crashes],
        measures,
        messages: history.rows.length,
        entries: history.log.length,
        attempts: { ok: outcomes('ok'), fail: outcomes('fail'), unknown: outcomes('unknown') },
        connects: world.devices.reduce((sum, device) => sum + device.connects(), 0),
      },
    };
  } finally {
    await world.stop();
  }
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
}
