import path from 'node:path';
import { Daemon, type Exit } from './daemon.ts';
import { type EnvironmentOptions, environment } from './environment.ts';
import type { Payload } from './event-log.ts';
import { unpackImage } from './image.ts';
import { nodeEnvironment, privateDirectory } from './machine.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');

export type SpawnedApp = {
  /** Where it listens; another one after `restart()`, unless the environment names a port. */
  readonly url: string;
  readonly directory: string;
  /** Log entries so far; lines that are no JSON are left out (see `output`). */
  logs(): Payload[];
  output(): string;
  /** Settles when the process ends, by whatever cause, after all it wrote was read. */
  readonly exited: Promise<Exit & { stderr: string }>;
  /** Waits for the end, unless the process survives such a signal (SIGSTOP, SIGCONT …). */
  kill(signal: NodeJS.Signals): Promise<void>;
  /** Starts it again on the same directory, of another checkout where one is named; ends it first by SIGKILL if it still runs. */
  restart(root?: string): Promise<void>;
  /** Ends it and removes its directory. */
  stop(): Promise<void>;
};

export type SpawnOptions = EnvironmentOptions & {
  readyWithinMs?: number;
  /** Another checkout than this one. */
  root?: string;
  /** Files that it may open at most. */
  mostFiles?: number | undefined;
};

/**
 * The real server in a process of its own, ready when this returns. It sees nothing of our environment but where to find
 * programs: it is configured with what the test says. `DATA_DIR` is a fresh directory that goes with it, and without `database` holds
 * a migrated one.
 */
export async function spawnTestApp({ root: first = ROOT, mostFiles, ...options }: SpawnOptions = {}): Promise<SpawnedApp> {
  let root = first;
  const main = () => path.join(root, 'apps/server/src/main.ts');
  const directory = await privateDirectory('server');
  const data = path.join(directory, 'data');
  if (options.database === undefined) await unpackImage(data);
  const daemon = new Daemon({
    name: 'the server',
    directory,
    ...(mostFiles === undefined
      ? { command: process.execPath, args: () => [main()] }
      : { command: 'sh', args: () => ['-c', `ulimit -n ${mostFiles} && exec "$0" "$1"`, process.execPath, main()] }),
    cwd: first,
    env: {
      ...nodeEnvironment(),
      DATA_DIR: data,
      ...environment(options),
    },
    isReady: (line) => parse(line)?.msg === 'ready',
    readyWithinMs: options.readyWithinMs ?? 90_000,
    stopSignal: 'SIGKILL',
  });
  const start = async (): Promise<string> => parse(await daemon.start()).url;
  let url: string;
  try {
    url = await start();
  } catch (error) {
    await daemon.stop();
    throw error;
  }
  return {
    get url() {
      return url;
    },
    directory,
    logs: () => daemon.lines.map(parse).filter((entry) => entry !== undefined),
    output: () => daemon.lines.join('\n'),
    get exited() {
      return daemon.exited.then((exit) => ({ ...exit, stderr: daemon.errorLines.join('\n') }));
    },
    kill: (signal) => daemon.kill(signal),
    async restart(next = root) {
      await daemon.kill('SIGKILL');
      root = next;
      url = await start();
    },
    stop: () => daemon.stop(),
  };
}

function parse(line: string): Payload {
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
