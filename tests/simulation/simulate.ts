import { createHash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Operation } from '@coucou/contracts/kernel/operation';
import { createLogger } from '@coucou/observability/logger';
import type { Session } from '@coucou/postgres/kit/session';
import { createApp } from '@coucou/server/app';
import { catalogueOf } from '@coucou/server/composition/catalogue';
import { features } from '@coucou/server/composition/features';
import { check } from '../faults/checkers/check.ts';
import type { Finding } from '../faults/checkers/history.ts';
import { createRecorder } from '../faults/harness/recorder.ts';
import { createDice } from '../support/dice.ts';
import { borrowPglite } from '../support/worker-pglite.ts';
import { SimulatedBus } from './bus.ts';
import { SimulatedDatabase } from './database.ts';
import { SimulatedDevice } from './device.ts';
import { sayWhatDiffers } from './equality.ts';
import { calm } from './faults.ts';
import { prepare, readFinalState, readHeads, readMissingEffects } from './final-state.ts';
import { httpOverSocket } from './http-over-socket.ts';
import { Ledger } from './ledger.ts';
import { upset } from './nemesis.ts';
import { type Line, nodeConfig, SimulatedNode } from './node.ts';
import type { Plant } from './plants.ts';
import { populate } from './population.ts';
import './prepared.ts';
import { enter, leave } from './time/interpose.ts';
import { type Place, runAt, Scheduler } from './time/scheduler.ts';
import { work } from './workload.ts';

export type Outcome = Readonly<{
  seed: number;
  findings: readonly Finding[];
  /** Of everything that clients did and were told, and of what the database holds: the same for the same seed. */
  hash: string;
  figures: Readonly<{
    nodes: number;
    devices: number;
    starts: number;
    messages: number;
    entries: number;
    statements: number;
    steps: number;
    seconds: number;
  }>;
}>;

export type SimulationOptions = Readonly<{ seed: number; plant?: Plant | undefined; trace?: (line: string) => void }>;

/** Each seed has an hour of its own: what a process keeps between simulations, such as the last id, is older than all of them. */
const FIRST_MS = Date.UTC(2027, 0, 1);
const HOUR_MS = 3_600_000;
const BUSY_MS = 1_000;
const HEADS_EVERY_MS = 2_500;
const SETTLES_WITHIN_MS = 60_000;
const LONGEST_MS = 240_000;
const LOOK_EVERY_MS = 400;

const operations: readonly Pick<Operation, 'name' | 'http'>[] = catalogueOf(features).operations;

let warm: Promise<void> | undefined;

/** Whatever is loaded when it is first used, is loaded on real time. */
async function warmUp(): Promise<void> {
  const pool = await borrowPglite();
  const app = await createApp(nodeConfig, { embedded: pool, log: createLogger({ level: 'silent', format: 'json', instance: 'warm' }) });
  await app.close();
}

/** One simulation, from its first node to the judgement. */
export async function simulate(options: SimulationOptions): Promise<Outcome> {
  await (warm ??= warmUp());
  const pool = await borrowPglite();
  const released = Promise.withResolvers<void>();
  const taken = Promise.withResolvers<Session>();
  const holding = pool.use(async (session) => {
    taken.resolve(session);
    await released.promise;
  });
  try {
    return await simulateOn(await taken.promise, options);
  } finally {
    released.resolve();
    await holding;
    await pool.end();
  }
}

async function simulateOn(raw: Session, { seed, plant, trace }: SimulationOptions): Promise<Outcome> {
  const findings: Finding[] = [];
  const find = (checker: string, what: string) => void findings.push({ checker, what });
  const startMs = FIRST_MS + seed * HOUR_MS;
  const streams = createDice(seed);
  const stream = () => createDice(Math.floor(streams() * 2 ** 32));
  const clients: Place = { name: 'clients', skewMs: 0, isAlive: true };
  const fail = (error: unknown, { name }: Place) => find('process', `${name} would have ended: ${String((error as Error).stack ?? error)}`);
  const scheduler = new Scheduler({ startMs, random: stream(), fail });
  const onRejection = (error: unknown) => find('process', `a rejection that nobody handles: ${String((error as Error).stack ?? error)}`);
  /** Made only where it is traced: statements are thousands in each seed. */
  const note = (what: () => string) => trace?.(`${((scheduler.now - startMs) / 1_000).toFixed(3)} ${what()}`);

  const [shape, network, workloadRandom, nemesisRandom] = [stream(), stream(), stream(), stream()];
  const faults = calm();
  const database = new SimulatedDatabase({
    raw,
    scheduler,
    random: network,
    faults,
    note,
    acknowledgesEarly: plant?.acknowledgesEarly === true,
  });
  const bus = new SimulatedBus(scheduler, network, faults);
  const upTo = (least: number, most: number) => least + Math.floor(shape() * (most - least + 1));
  const nodeCount = shape() < 0.8 ? 2 : upTo(3, 5);
  const nodes = Array.from({ length: nodeCount }, (_, at) => {
    const skewMs = shape() < 0.3 ? upTo(-5_000, 5_000) : 0;
    const noteLine = (node: string, { level, msg, err }: Line) =>
      note(() => `${node} ${level}: ${msg} ${err === undefined ? '' : JSON.stringify(err).slice(0, 300)}`);
    return new SimulatedNode({ name: `node-${at + 1}`, skewMs, database, bus, headsEveryMs: HEADS_EVERY_MS, plant, note: noteLine });
  });
  const recorder = createRecorder();
  const ledger = new Ledger();
  const peopleCount = upTo(2, 4);
  const groupCount = upTo(1, 2);
  const pageSize = upTo(2, 20);
  const pauseMs = upTo(60, 250);
  const devices: SimulatedDevice[] = [];
  let isBusy = true;

  async function play(): Promise<void> {
    await database.asOwner((session) => prepare(session, seed));
    for (const node of nodes) await node.start();
    const first = nodes[0];
    if (first?.container === undefined) throw new Error('no node started');
    const { container } = first;
    const population = await runAt(first.place, () => populate(container, peopleCount, groupCount));
    for (const [at, person] of population.people.entries())
      for (let device = 0; device < (at === 0 ? 1 : upTo(1, 2)); device += 1)
        devices.push(
          new SimulatedDevice({
            client: `person ${at + 1}, device ${device + 1}`,
            person,
            home: upTo(0, nodeCount - 1),
            nodes,
            scheduler,
            place: clients,
            random: network,
            faults,
            recorder,
            ledger,
            pageSize,
            confused: (what) => find('client', what),
          }),
        );
    const living = devices.map((device) => device.live());
    await complete('the beginning');
    for (const device of devices) await sayWhatDiffers.begin(device, httpOf(device));
    note(() => 'everybody is connected');
    const working = work({ devices, population, random: workloadRandom, isOver: () => !isBusy, pauseMs });
    const disturbing = upset({ nodes, devices, database, bus, faults, random: nemesisRandom, note }, () => !isBusy);
    await pause(BUSY_MS);
    isBusy = false;
    await disturbing;
    const { blocks } = await working;
    note(() => 'the work is over');
    await complete('the end');
    for (const node of nodes) await runAt(node.place, async () => node.app?.settled());
    for (const device of devices) {
      await device.sync();
      await device.read(population.groups[0] ?? '');
      const difference = await sayWhatDiffers.end(device, httpOf(device), blocks > 0 ? 'own' : 'all');
      if (difference !== undefined) find('sync equality', `${device.client}: ${difference}`);
    }
    for (const device of devices) device.stop();
    await Promise.all(living);
  }

  const httpOf = (device: SimulatedDevice) => httpOverSocket(operations, (operation, input) => device.call(operation, input));

  /** Waits until every device holds what the database holds, and nothing else, and side effects are done. */
  async function complete(when: string): Promise<void> {
    const deadline = scheduler.now + SETTLES_WITHIN_MS;
    for (;;) {
      await pause(LOOK_EVERY_MS);
      const lacking = await database.asOwner(async (session) => {
        const heads = await readHeads(session);
        const members = await session.query<{ user: string; conversation: string }>(
          'select user_id as user, conversation_id as conversation from member where left_at is null',
        );
        const versions = new Map(heads.map(({ id, version }) => [id, version]));
        const behind = devices.flatMap((device) => {
          if (!device.isConnected || device.isAsking || device.replica.isBehind) return [`${device.client} is not connected, or asks`];
          const { copies } = device.replica;
          const own = new Set(members.rows.flatMap(({ user, conversation }) => (user === device.user ? conversation : [])));
          return [
            ...[...own]
              .filter((id) => copies.get(id)?.version !== versions.get(id))
              .map((id) => `${device.client} holds ${copies.get(id)?.version} of ${versions.get(id)}`),
            ...[...copies.keys()].filter((id) => !own.has(id)).map((id) => `${device.client} holds ${id}, and is no member`),
          ];
        });
        return behind.length > 0 ? behind : await readMissingEffects(session);
      });
      if (lacking.length === 0) return;
      note(() => `${when}: ${lacking.slice(0, 3).join('; ')}`);
      if (scheduler.now > deadline) return find('complete', `${when}: ${lacking.slice(0, 3).join('; ')}`);
    }
  }

  let isOver = false;
  enter(scheduler, Math.floor(streams() * 2 ** 32), clients);
  process.on('unhandledRejection', onRejection);
  try {
    runAt(clients, play)
      .catch((error: unknown) => find('simulation', String((error as Error).stack ?? error)))
      .finally(() => {
        isOver = true;
      });
    await scheduler.run(() => isOver || scheduler.now > startMs + LONGEST_MS);
    if (!isOver) find('simulation', `it came to no end within ${((scheduler.now - startMs) / 1_000).toFixed(1)} s`);
    // What is left of the nodes goes on no further.
    for (const node of nodes) node.crash();
    let final: Awaited<ReturnType<typeof readFinalState>> | undefined;
    const reading = database
      .asOwner((session) => readFinalState(session, ledger))
      .then((state) => {
        final = state;
      });
    reading.catch((error: unknown) => find('simulation', String(error)));
    await scheduler.run(() => final !== undefined);
    if (final === undefined) throw new Error('the database does not answer');
    const everybody = devices.map(({ client, user }) => ({ client, user }));
    findings.push(...check({ log: recorder.log, ...final, complete: everybody }));
    if (trace !== undefined) for (const entry of recorder.log) trace(JSON.stringify(entry));
    const hash = createHash('sha256')
      .update(JSON.stringify([recorder.log, final, scheduler.steps, database.statements]))
      .digest('hex');
    return {
      seed,
      findings,
      hash: hash.slice(0, 16),
      figures: {
        nodes: nodeCount,
        devices: devices.length,
        starts: nodes.reduce((sum, { starts }) => sum + starts, 0),
        messages: final.rows.length,
        entries: recorder.log.length,
        statements: database.statements,
        steps: scheduler.steps,
        seconds: Math.round((scheduler.now - startMs) / 1_000),
      },
    };
  } finally {
    clients.isAlive = false;
    process.off('unhandledRejection', onRejection);
    leave();
  }
}
