import { setTimeout as pause } from 'node:timers/promises';
import type { Instance } from '../../support/instance.ts';
import { environment } from '../../support/environment.ts';
import { freePort } from '../../support/machine.ts';
import { startRedis } from '../../support/services.ts';
import { type SpawnedApp, spawnTestApp } from '../../support/spawned-app.ts';
import { openTcpProxy, type TcpProxy } from '../../support/tcp-proxy.ts';
import { runCommand } from '../../support/spawned-command.ts';
import { cloneDatabase, type Database } from '../../support/template.ts';
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
  /** Of another checkout, where one is named. */
  start: (root?: string) => Promise<void>;
}>;

export type World = Population &
  Readonly<{
    nodes: readonly [FaultNode, FaultNode, ...FaultNode[]];
    postgres: Instance;
    redis: Instance;
    /** Past all proxies. */
    database: Pick<Database, 'url' | 'ownerUrl'>;
    /** The same, as a superuser. */
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
  /** Files that one of the nodes may open at most. */
  mostFilesOf?: (node: number) => number | undefined;
  /** Clients reach the nodes through proxies. */
  isFronted?: boolean;
  /** The checkout that the nodes are of at first, which has migrated the database; default: this one. */
  root?: string;
}>;

export async function createWorld({
  services,
  clients,
  seed,
  nodes: nodeCount = 2,
  envOf,
  mostFilesOf,
  isFronted = false,
  root,
}: WorldOptions): Promise<World> {
  const undo: (() => Promise<void>)[] = [];
  const stop = async () => {
    for (const step of undo.splice(0).toReversed()) await step();
  };
  const unexpected: string[] = [];
  try {
    const database = await cloneDatabase(services.databases, { empty: root !== undefined });
    undo.push(() => database.drop());
    if (root !== undefined) await runCommand(['migrate'], { root, env: environment({ database }) });
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
        ...(root !== undefined && { root }),
        mostFiles: mostFilesOf?.(at),
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
        async start(next) {
          await app.restart(next);
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
      database,
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
