import { setTimeout as pause } from 'node:timers/promises';
import type { Instance } from '../../support/instance.ts';
import { freePort } from '../../support/machine.ts';
import { startRedis } from '../../support/services.ts';
import { type SpawnedApp, spawnTestApp } from '../../support/spawned-app.ts';
import { openTcpProxy, type TcpProxy } from '../../support/tcp-proxy.ts';
import { cloneDatabase } from '../../support/template.ts';
import { type Population, populate } from './population.ts';
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

export type World = Population &
  Readonly<{
    nodes: readonly [FaultNode, FaultNode, ...FaultNode[]];
    postgres: Instance;
    redis: Instance;
    /** The database as a superuser, past all proxies. */
    adminUrl: string;
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

    const population = await populate({ urls: nodes.map(({ url }) => url), clients, seed });
    undo.push(async () => {
      await Promise.all(population.devices.map((device) => device.stop()));
    });
    return {
      nodes,
      postgres: services.postgres,
      redis,
      adminUrl: adminUrl.href,
      ...population,
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
