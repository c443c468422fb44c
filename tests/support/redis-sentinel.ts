import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Redis } from 'ioredis';
import { Daemon } from './daemon.ts';
import type { Instance } from './instance.ts';
import { privateDirectory, startOnFreePort } from './machine.ts';
import { machineRedis, startPrivateRedis } from './redis.ts';
import { until } from './until.ts';

export type Sentinels = Readonly<{
  url: string;
  master: Omit<Instance, 'version'>;
  replica: Omit<Instance, 'version'>;
  stop(): Promise<void>;
}>;

const NAME = 'main';
const FORGETFUL = ['--save', '', '--appendonly', 'no'];

/** A master and its replica, watched by three sentinels of which two decide. */
export async function startSentinels(): Promise<Sentinels> {
  const binaries = machineRedis();
  if (binaries === undefined) throw new Error('sentinels need `redis-server` (Debian: redis-server, macOS: redis)');
  const undo: (() => Promise<void>)[] = [];
  const stop = async () => {
    for (const step of undo.splice(0).toReversed()) await step();
  };
  try {
    const master = await startPrivateRedis(binaries, FORGETFUL);
    undo.push(() => master.stop());
    const { port } = new URL(master.url);
    const replica = await startPrivateRedis(binaries, [
      ...FORGETFUL,
      '--replicaof',
      `127.0.0.1 ${port}`,
      '--repl-diskless-sync-delay',
      '0',
    ]);
    undo.push(() => replica.stop());
    const ports: number[] = [];
    for (let at = 0; at < 3; at += 1) {
      const sentinel = await startSentinel(binaries, port);
      undo.push(() => sentinel.stop());
      ports.push(sentinel.port);
    }
    const clients = ports.map((each) => new Redis(each));
    const follower = new Redis(replica.url);
    undo.push(async () => [follower, ...clients].forEach((client) => client.disconnect()));
    const knowsAll = async (client: Redis) => {
      const known = new Map(pairsOf((await client.call('SENTINEL', 'MASTER', NAME)) as string[]));
      return known.get('num-slaves') === '1' && known.get('num-other-sentinels') === '2';
    };
    await until(async () => (await follower.info('replication')).includes('master_link_status:up'), {
      what: 'the replica to follow its master',
      timeoutMs: 60_000,
    });
    await until(async () => (await Promise.all(clients.map(knowsAll))).every(Boolean), {
      what: 'the sentinels to know each other',
      timeoutMs: 60_000,
    });
    const places = ports.map((each) => `127.0.0.1:${each}`);
    return { url: `redis+sentinel://${places.join(',')}/${NAME}`, master, replica, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

const pairsOf = (list: readonly string[]): [string, string][] =>
  list.flatMap((text, at) => (at % 2 === 0 ? [[text, list[at + 1] ?? ''] as [string, string]] : []));

async function startSentinel(binaries: string, masterPort: string): Promise<Readonly<{ port: number; stop(): Promise<void> }>> {
  const directory = await privateDirectory('sentinel');
  const file = path.join(directory, 'sentinel.conf');
  await writeFile(
    file,
    `bind 127.0.0.1
sentinel monitor ${NAME} 127.0.0.1 ${masterPort} 2
sentinel down-after-milliseconds ${NAME} 1000
sentinel failover-timeout ${NAME} 5000
`,
  );
  let port = 0;
  const daemon = new Daemon({
    name: 'a sentinel of Redis',
    directory,
    command: `${binaries}/redis-server`,
    args: () => [file, '--sentinel', '--port', String(port), '--dir', directory],
    env: process.env,
    isReady: (line) => line.includes('+monitor master'),
    readyWithinMs: 20_000,
    stopSignal: 'SIGKILL',
  });
  await startOnFreePort(daemon, (chosen) => {
    port = chosen;
  });
  return { port, stop: () => daemon.stop() };
}
