import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { withDeadline } from './until.ts';

/** Who a daemon runs as; PostgreSQL refuses to be run by root. */
export type User = { uid: number; gid: number };

export type DaemonOptions = {
  name: string;
  /** Private to this daemon; removed with it. */
  directory: string;
  command: string;
  args(): readonly string[];
  env: NodeJS.ProcessEnv;
  cwd?: string;
  user?: User | undefined;
  isReady(line: string): boolean;
  readyWithinMs: number;
  /** What `stop()` sends. The directory is thrown away, so this may be rude as long as the process cleans up its children. */
  stopSignal: NodeJS.Signals;
};

export type Exit = { code: number | null; signal: NodeJS.Signals | null };

const KEPT_LINES = 20_000;
/** Signals after which the process lives on, so that there is no exit to wait for. */
const SURVIVED = new Set<NodeJS.Signals>(['SIGSTOP', 'SIGCONT', 'SIGHUP', 'SIGUSR1', 'SIGUSR2', 'SIGWINCH']);

/**
 * Ends the daemon and removes its directory when our end of its standard input closes, which the kernel sees to however
 * we die: an exit handler would not run after SIGKILL. It reads the process id at that moment, for restarts change it.
 * A dead process nobody has collected still counts as one for `kill -0`, so the directory does not wait for that.
 */
const WATCHDOG = `
cat >/dev/null
pid=$(head -n 1 "$1/pid") && {
  kill -s "$2" "$pid"; kill -s CONT "$pid"; n=0
  while kill -0 "$pid" && [ "$n" -lt 50 ]; do sleep 0.1; rm -rf "$1"; n=$((n + 1)); done
  kill -s KILL "$pid"
}
rm -rf "$1"`;

/** A server process of ours: waits for its ready line, can be killed and started again, never outlives the test run. */
export class Daemon {
  /** Standard output and standard error, interleaved as they came. */
  readonly lines: string[] = [];
  readonly errorLines: string[] = [];
  readonly #options: DaemonOptions;
  readonly #watchdog: ChildProcess;
  #process: ChildProcess | undefined;
  #exited: Promise<Exit> = Promise.resolve({ code: null, signal: null });

  constructor(options: DaemonOptions) {
    this.#options = options;
    // Its own session, like the daemon's: Ctrl-C in the terminal must reach neither before we do.
    this.#watchdog = spawn('sh', ['-c', WATCHDOG, 'watchdog', options.directory, options.stopSignal.slice(3)], {
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
      cwd: '/',
    });
    letGo(this.#watchdog, this.#watchdog.stdin);
  }

  get exited(): Promise<Exit> {
    return this.#exited;
  }

  get running(): boolean {
    return this.#process !== undefined;
  }

  /** Starts the process and waits for its ready line, which it gives back. */
  async start(): Promise<string> {
    if (this.#process) throw new Error(`${this.#options.name} is running`);
    const { command, args, env, cwd, directory, user, name, readyWithinMs, isReady } = this.#options;
    const child = spawn(command, args(), { stdio: ['ignore', 'pipe', 'pipe'], detached: true, cwd: cwd ?? directory, env, ...user });
    this.#process = child;
    const exited = Promise.withResolvers<Exit>();
    const ready = Promise.withResolvers<string>();
    const ended = (exit: Exit, why: string) => {
      this.#process = undefined;
      exited.resolve(exit);
      ready.reject(new Error(`${name} ended before it was ready (${why})\n${this.lines.slice(-20).join('\n')}`));
    };
    this.#exited = exited.promise;
    child.on('error', (error) => ended({ code: null, signal: null }, error.message));
    // `close` rather than `exit`: by then everything the process wrote has been read.
    child.on('close', (code, signal) => ended({ code, signal }, String(signal ?? code)));
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        keep(this.lines, line);
        if (stream === child.stderr) keep(this.errorLines, line);
        if (isReady(line)) ready.resolve(line);
      });
    }
    try {
      if (child.pid) await writeFile(path.join(directory, 'pid'), `${child.pid}\n`);
      const line = await withDeadline(ready.promise, { timeoutMs: readyWithinMs, what: `${name} to be ready` });
      letGo(child, child.stdout, child.stderr);
      return line;
    } catch (error) {
      ready.promise.catch(() => {});
      await this.kill('SIGKILL');
      throw error;
    }
  }

  /** Sends the signal, and waits for the end of the process where the signal means one. */
  async kill(signal: NodeJS.Signals): Promise<void> {
    if (!this.#process) return;
    this.#process.kill(signal);
    if (SURVIVED.has(signal)) return;
    // A process that a test has stopped takes note of a signal only when it goes on.
    this.#process.kill('SIGCONT');
    await withDeadline(this.#exited, { timeoutMs: 30_000, what: `${this.#options.name} to end after ${signal}` });
    // A number that is no longer ours may be given to a stranger.
    await rm(path.join(this.#options.directory, 'pid'), { force: true });
  }

  /** Ends the process if it still runs, and removes its directory. */
  async stop(): Promise<void> {
    await this.kill(this.#options.stopSignal).catch(() => this.kill('SIGKILL'));
    await rm(this.#options.directory, { recursive: true, force: true, maxRetries: 5 });
    if (this.#watchdog.exitCode === null) {
      this.#watchdog.ref();
      const gone = once(this.#watchdog, 'exit');
      this.#watchdog.stdin?.end();
      await gone;
    }
  }
}

function keep(lines: string[], line: string): void {
  if (lines.push(line) > KEPT_LINES) lines.shift();
}

/** None of these may keep our process alive: someone who forgets `stop()` still ends, and the watchdog does the rest. */
function letGo(child: ChildProcess, ...streams: (Readable | Writable | null)[]): void {
  child.unref();
  for (const stream of streams) (stream as { unref?(): void } | null)?.unref?.();
}
