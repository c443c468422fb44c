import { Redis } from 'ioredis';
import { freePort } from './machine.ts';
import type { Instance } from './instance.ts';
import { machineRedis, startPrivateRedis } from './redis.ts';
import { until } from './until.ts';

/** A cluster or a group with sentinels is made of the machine's own `redis-server`: containers know each other by other addresses than ours. */
export const hasRedisServer = machineRedis() !== undefined;

const SLOTS = 16_384;

export type RedisCluster = Instance & Readonly<{ masters: readonly Omit<Instance, 'version'>[] }>;

/** Three masters of one's own, each with a third of the slots. `kill` and `restart` are for all of them. */
export async function startRedisCluster({ args = [] }: { args?: readonly string[] } = {}): Promise<RedisCluster> {
  const binaries = machineRedis();
  if (binaries === undefined) throw new Error('a cluster of Redis needs `redis-server` (Debian: redis-server, macOS: redis)');
  const masters: Omit<Instance, 'version'>[] = [];
  const buses: number[] = [];
  const stop = async () => {
    for (const master of masters) await master.stop();
  };
  try {
    for (let at = 0; at < 3; at += 1) {
      const bus = await freePort();
      buses.push(bus);
      const own = ['--cluster-enabled', 'yes', '--cluster-port', String(bus), '--cluster-node-timeout', '2000'];
      masters.push(await startPrivateRedis(binaries, ['--save', '', '--appendonly', 'no', ...own, ...args]));
    }
    await join(masters, buses);
    await untilWhole(masters);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    url: `redis+cluster://${masters.map(({ url }) => new URL(url).host).join(',')}`,
    source: 'machine',
    version: 'of the machine',
    masters,
    async kill(signal) {
      await Promise.all(masters.map((master) => master.kill(signal)));
    },
    async restart() {
      await Promise.all(masters.map((master) => master.restart()));
    },
    stop,
  };
}

async function join(masters: readonly Omit<Instance, 'version'>[], buses: readonly number[]): Promise<void> {
  const clients = masters.map(({ url }) => new Redis(url));
  try {
    for (const [at, client] of clients.entries()) {
      const [from, to] = [Math.ceil((at * SLOTS) / 3), Math.ceil(((at + 1) * SLOTS) / 3) - 1];
      await client.call('CLUSTER', 'ADDSLOTSRANGE', from, to);
      await client.call('CLUSTER', 'SET-CONFIG-EPOCH', at + 1);
    }
    for (const [at, { url }] of masters.entries())
      await clients[0]?.call('CLUSTER', 'MEET', '127.0.0.1', new URL(url).port, buses[at] ?? 0);
  } finally {
    for (const client of clients) client.disconnect();
  }
}

/** For a while after a restart a master serves nothing. */
export async function untilWhole(masters: RedisCluster['masters']): Promise<void> {
  const clients = masters.map(({ url }) => new Redis(url));
  const isWhole = async (client: Redis) => {
    const info = await client.cluster('INFO');
    return info.includes('cluster_state:ok') && info.includes('cluster_known_nodes:3');
  };
  try {
    await until(async () => (await Promise.all(clients.map(isWhole))).every(Boolean), {
      what: 'the cluster to be whole',
      timeoutMs: 60_000,
    });
  } finally {
    for (const client of clients) client.disconnect();
  }
}
