import { Daemon } from './daemon.ts';
import { findBinary, privateDirectory, startOnFreePort } from './machine.ts';
import type { Instance } from './instance.ts';

/** Directory of the machine's own `redis-server`. */
export function machineRedis(): string | undefined {
  return findBinary('redis-server', ['/usr/bin', '/usr/local/bin', '/opt/homebrew/bin', '/opt/redis/bin']);
}

/** A Redis of our own that keeps nothing on disk: a restart comes back empty, which is what the product must survive. */
export async function startPrivateRedis(binaries: string, args: readonly string[]): Promise<Omit<Instance, 'version'>> {
  const directory = await privateDirectory('redis');
  let port = 0;
  const daemon = new Daemon({
    name: 'Redis',
    directory,
    command: `${binaries}/redis-server`,
    args: () => ['--port', String(port), '--bind', '127.0.0.1', '--dir', directory, ...args],
    env: process.env,
    isReady: (line) => line.includes('Ready to accept connections'),
    readyWithinMs: 20_000,
    stopSignal: 'SIGKILL',
  });
  await startOnFreePort(daemon, (chosen) => {
    port = chosen;
  });
  return {
    url: `redis://127.0.0.1:${port}`,
    source: 'machine',
    kill: (signal = 'SIGKILL') => daemon.kill(signal),
    async restart() {
      await daemon.kill('SIGKILL');
      await daemon.start();
    },
    stop: () => daemon.stop(),
  };
}
