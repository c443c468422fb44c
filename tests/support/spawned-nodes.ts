import { createDatabase } from './database.ts';
import type { Instance } from './instance.ts';
import { startNodesRedis } from './nodes-redis.ts';
import { type SpawnedApp, type SpawnOptions, spawnTestApp } from './spawned-app.ts';
import type { Database } from './template.ts';

export type SpawnedNodes = Readonly<{
  nodes: readonly [SpawnedApp, SpawnedApp, ...SpawnedApp[]];
  /** What they serve. */
  database: Database;
  /** Theirs alone: `kill()` ends it, `kill('SIGSTOP')` makes it hang, `restart()` brings it back empty on the same address. */
  redis: Instance;
  stop(): Promise<void>;
}>;

export type NodesOptions = Omit<SpawnOptions, 'database' | 'redisUrl'> &
  Readonly<{
    nodes?: number;
    /** The caller's, who drops it; otherwise one that `stop` drops. */
    database?: Database;
  }>;

/** Several servers, each a process of its own, on one PostgreSQL database and one private Redis. */
export async function spawnNodes({ nodes: count = 2, database: given, env, ...options }: NodesOptions = {}): Promise<SpawnedNodes> {
  const undo: (() => Promise<void>)[] = [];
  const stop = async () => {
    for (const step of undo.splice(0).toReversed()) await step();
  };
  try {
    const database = given ?? (await createDatabase());
    if (given === undefined) undo.push(() => database.drop());
    const redis = await startNodesRedis();
    undo.push(() => redis.stop());
    const spawn = async (at: number): Promise<SpawnedApp> => {
      const node = await spawnTestApp({
        ...options,
        database,
        redisUrl: redis.url,
        env: { INSTANCE_ID: `node-${at + 1}`, ...env },
      });
      undo.push(() => node.stop());
      return node;
    };
    // The first makes what the database holds for all nodes, such as the signing key.
    const first = await spawn(0);
    const more = Array.from({ length: count - 2 }, (_, at) => spawn(at + 2));
    return { nodes: [first, await spawn(1), ...(await Promise.all(more))], database, redis, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
