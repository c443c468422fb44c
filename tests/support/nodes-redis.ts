import { Redis } from 'ioredis';
import type { Instance } from './instance.ts';
import { startRedisCluster } from './redis-cluster.ts';
import { startRedis } from './services.ts';

/** What several nodes share: a Redis of their own, or, with `NODES_REDIS=cluster`, a cluster of three masters. */
export const startNodesRedis = (): Promise<Instance> => (process.env['NODES_REDIS'] === 'cluster' ? startRedisCluster() : startRedis());

/** Deletes everything, as an operator might. */
export async function emptyRedis({ url }: Instance): Promise<void> {
  for (const [address] of url.matchAll(/[\w.]+:\d+/g)) {
    const operator = new Redis(`redis://${address}`);
    await operator.flushall();
    operator.disconnect();
  }
}
