import { rm } from 'node:fs/promises';
import path from 'node:path';
import { faultsInLogs } from '../faults/harness/faults-in-logs.ts';
import { startServices } from '../faults/harness/services.ts';
import type { SocketClient } from '../support/clients.ts';
import { privateDirectory } from '../support/machine.ts';
import { startRedis } from '../support/services.ts';
import { cloneDatabase } from '../support/template.ts';
import { type Cast, connectResidents, openCast } from './cast.ts';
import type { Figures } from './judge.ts';
import { type SoakNode, startSoakNode } from './node.ts';

/** Two nodes on a PostgreSQL and a Redis of their own, with people, and sockets that stay. */
export type Stage = Readonly<{
  urls: readonly string[];
  /** The database as a superuser. */
  adminUrl: string;
  casts: readonly Cast[];
  /** What each node holds. */
  measure: () => Promise<readonly Figures[]>;
  /** Nodes that ended by themselves. */
  ends: readonly string[];
  /** What nodes say of themselves that went wrong. */
  faultsInLogs: () => readonly string[];
  stop: () => Promise<void>;
}>;

/** Nobody of those who stay has to sign in again; signing in and out is one of the actions. */
const LONGEST_SECONDS = 86_400;

export async function openStage({ casts: castCount, preload }: Readonly<{ casts: number; preload: string | undefined }>): Promise<Stage> {
  const undo: (() => Promise<unknown>)[] = [];
  const stop = async () => {
    for (const step of undo.splice(0).toReversed()) await step();
  };
  try {
    const services = await startServices();
    undo.push(services.stop);
    const redis = await startRedis();
    undo.push(() => redis.stop());
    const database = await cloneDatabase(services.databases);
    undo.push(() => database.drop());
    const adminUrl = new URL(services.postgres.url);
    adminUrl.pathname = new URL(database.url).pathname;
    const directory = await privateDirectory('soak');
    undo.push(() => rm(directory, { recursive: true, force: true }));

    const ends: string[] = [];
    const start = async (at: number): Promise<SoakNode> => {
      const node = await startSoakNode({
        database,
        redisUrl: redis.url,
        // Without a bucket, files are in a directory of all nodes.
        env: { INSTANCE_ID: `node-${at + 1}`, DATA_DIR: path.join(directory, 'data'), ACCESS_TOKEN_TTL: String(LONGEST_SECONDS) },
        probe: path.join(directory, `node-${at + 1}`),
        preload,
      });
      let expected = false;
      void node.app.exited.then(({ code, signal, stderr }) => {
        if (!expected) ends.push(`node ${at + 1} ended by itself: ${code ?? signal} ${stderr}`);
      });
      undo.push(() => {
        expected = true;
        return node.app.stop();
      });
      return node;
    };
    // The first makes what the database holds for all nodes, such as the signing key.
    const nodes = [await start(0), await start(1)];

    const urls = nodes.map(({ app }) => app.url);
    const casts: Cast[] = [];
    for (let at = 0; at < castCount; at += 1) casts.push(await openCast(at % 2 === 0 ? urls : urls.toReversed()));
    const residents: SocketClient[] = [];
    undo.push(() => Promise.all(residents.map((socket) => socket.close())));
    for (const cast of casts) residents.push(...(await connectResidents(cast)));
    return {
      urls,
      adminUrl: adminUrl.href,
      casts,
      measure: () => Promise.all(nodes.map((node) => node.figures())),
      ends,
      faultsInLogs: () => nodes.flatMap(({ app }, at) => faultsInLogs(app).map((what) => `node ${at + 1}: ${what}`)),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
