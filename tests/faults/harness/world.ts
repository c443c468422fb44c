import { setTimeout as pause } from 'node:timers/promises';
import type { Instance } from '../../support/instance.ts';
import { freePort } from '../../support/machine.ts';
import { openGroup, type Person, signInAgain, signUp } from '../../support/people.ts';
import { startRedis } from '../../support/services.ts';
import { type SpawnedApp, spawnTestApp } from '../../support/spawned-app.ts';
import { openTcpProxy, type TcpProxy } from '../../support/tcp-proxy.ts';
import { cloneDatabase } from '../../support/template.ts';
import { createDevice, type Device } from './device.ts';
import { createRecorder, type Recorder } from './recorder.ts';
import type { Services } from './services.ts';

/** A node that scenarios may do anything to: it stays at its address, and reaches its services through proxies of its own. */
export type FaultNode = Readonly<{
  app: SpawnedApp;
  /** Where clients find it. */
  url: string;
  /** Between it and its clients, where the scenario has one. */
  front: TcpProxy | undefined;
  toPostgres: TcpProxy;
  toRedis: TcpProxy;
  /** Ends it, which is no unexpected exit then. */
  end: (signal: NodeJS.Signals) => Promise<void>;
  start: () => Promise<void>;
}>;

export type World = Readonly<{
  nodes: readonly [FaultNode, FaultNode, ...FaultNode[]];
  postgres: Instance;
  redis: Instance;
  /** The database as a superuser, past all proxies. */
  adminUrl: string;
  owner: Person;
  people: readonly Person[];
  /** Groups of the owner's: the first has everybody. */
  groups: readonly string[];
  membersOf: (group: string) => readonly Person[];
  devices: readonly Device[];
  recorder: Recorder;
  random: () => number;
  /** Exits that no scenario asked for. */
  unexpectedExits: () => readonly string[];
  stop: () => Promise<void>;
}>;

export type WorldOptions = Readonly<{
  services: Services;
  /** Devices: each person has two, one for each of the first two nodes. */
  clients: number;
  seed: number;
  nodes?: number;
  /** Settings of one of the nodes. */
  envOf?: (node: number) => Record<string, string>;
  /** Clients reach the nodes through proxies. */
  isFronted?: boolean;
}>;

/** mulberry32: what a seed chooses is the same each time, though no two runs of real processes are. */
export function dice(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d_2b_79_f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const SMALL_GROUP = 4;

export async function createWorld({
  services,
  clients,
  seed,
  nodes: nodeCount = 2,
  envOf,
  isFronted = false,
}: WorldOptions): Promise<World> {
  const undo: (() => Promise<void>)[] = [];
  const stop = async () => {
    for (const step of undo.splice(0).toReversed()) await step();
  };
  const unexpected: string[] = [];
  try {
    const database = await cloneDatabase(services.databases);
    undo.push(() => database.drop());
    const redis = await startRedis();
    undo.push(() => redis.stop());
    const adminUrl = new URL(services.postgres.url);
    adminUrl.pathname = new URL(database.url).pathname;

    const startNode = async (at: number): Promise<FaultNode> => {
      const toPostgres = await openTcpProxy(database.url);
      undo.push(() => toPostgres.close());
      const toRedis = await openTcpProxy(redis.url);
      undo.push(() => toRedis.close());
      const app = await spawnTestApp({
        database: { url: toPostgres.url, ownerUrl: database.ownerUrl },
        redisUrl: toRedis.url,
        env: { INSTANCE_ID: `node-${at + 1}`, PORT: String(await freePort()), ...envOf?.(at) },
      });
      let expected = false;
      const watch = () =>
        void app.exited.then(({ code, signal, stderr }) => {
          if (!expected) unexpected.push(`node ${at + 1} ended by itself: ${code ?? signal} ${stderr}`);
        });
      watch();
      undo.push(async () => {
        expected = true;
        await app.stop();
      });
      const front = isFronted ? await openTcpProxy(app.url) : undefined;
      if (front !== undefined) undo.push(() => front.close());
      return {
        app,
        url: front?.url ?? app.url,
        front,
        toPostgres,
        toRedis,
        async end(signal) {
          expected = true;
          await app.kill(signal);
        },
        async start() {
          await app.restart();
          expected = false;
          watch();
        },
      };
    };
    // The first makes what the database holds for all nodes, such as the signing key.
    const nodes: [FaultNode, FaultNode, ...FaultNode[]] = [await startNode(0), await startNode(1)];
    for (let at = 2; at < nodeCount; at += 1) nodes.push(await startNode(at));

    const [{ url }] = nodes;
    const people: Person[] = [];
    for (let at = 0; at < Math.max(2, clients / 2); at += 1) people.push(await signUp(url, `person${at}`));
    const [owner, ...others] = people;
    if (owner === undefined) throw new Error('nobody is there');
    const members = new Map<string, readonly Person[]>();
    const open = async (of: readonly Person[]) => {
      const { id } = await openGroup(owner, of);
      members.set(id, [owner, ...of]);
    };
    await open(others);
    for (let at = 0; at < others.length; at += SMALL_GROUP) await open(others.slice(at, at + SMALL_GROUP));

    const recorder = createRecorder();
    const random = dice(seed);
    const devices: Device[] = [];
    for (const [at, person] of people.entries()) {
      for (const [home, transport] of [
        [at % nodes.length, 'websocket'],
        [(at + 1) % nodes.length, 'socket.io'],
      ] as const) {
        const session = home === at % nodes.length ? person : await signInAgain(url, person);
        const urls = nodes.map((node) => node.url);
        devices.push(createDevice({ client: `${person.name} ${transport}`, person: session, home, transport, urls, recorder, random }));
      }
    }
    undo.push(async () => {
      await Promise.all(devices.map((device) => device.stop()));
    });
    return {
      nodes,
      postgres: services.postgres,
      redis,
      adminUrl: adminUrl.href,
      owner,
      people,
      groups: [...members.keys()],
      membersOf: (group) => members.get(group) ?? [],
      devices,
      recorder,
      random,
      unexpectedExits: () => unexpected,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Time that passes under a fault: how long it lasts is what the scenario says, and nothing else could end it. */
export const lasting = (ms: number): Promise<void> => pause(ms);
