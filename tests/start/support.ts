import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { type App, createApp } from '@coucou/server/app';
import { loadConfig } from '@coucou/server/config';
import { run } from '@coucou/server/cli/run';
import { startFailure } from '@coucou/server/start/run';
import { type EnvironmentOptions, environment } from '../support/environment.ts';
import { nodeEnvironment } from '../support/machine.ts';
import { until, withDeadline } from '../support/until.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');

/** What takes longer hangs: a busy machine needs half a minute for what takes a second on a quiet one. */
export const HANGS_MS = 90_000;

export type Program = {
  readonly pid: number;
  readonly lines: readonly string[];
  readonly errorLines: readonly string[];
  readonly exited: Promise<number | null>;
  /** Waits until a line holds this. */
  says(text: string | RegExp): Promise<string>;
  type(line: string): void;
  endInput(): void;
  kill(signal: NodeJS.Signals): void;
};

/** `main.ts` or the command line in a process of its own, configured with what the test says and nothing else. */
export function start(script: 'main.ts' | 'cli/main.ts', args: readonly string[], env: Record<string, string>): Program {
  const child = spawn(process.execPath, [path.join(ROOT, 'apps/server/src', script), ...args], {
    cwd: ROOT,
    env: { ...nodeEnvironment(), ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  const errorLines: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
  createInterface({ input: child.stderr }).on('line', (line) => errorLines.push(line));
  const matches = (text: string | RegExp) => (line: string) => (typeof text === 'string' ? line.includes(text) : text.test(line));
  return {
    pid: child.pid ?? 0,
    lines,
    errorLines,
    exited: once(child, 'close').then(([code]) => code as number | null),
    says: (text) =>
      until(() => lines.find(matches(text)), { what: `the line ${String(text)} in\n${lines.join('\n')}`, timeoutMs: HANGS_MS }),
    type: (line) => void child.stdin.write(`${line}\n`),
    endInput: () => void child.stdin.end(),
    kill: (signal) => void child.kill(signal),
  };
}

export type Failure = { code: number | null; stderr: string; stdout: string };

/** What a process whose start fails says, and its exit code. */
export async function failedProcess(options: EnvironmentOptions): Promise<Failure> {
  const program = start('main.ts', [], environment(options));
  try {
    const code = await withDeadline(program.exited, { what: 'the start to fail', timeoutMs: HANGS_MS });
    return { code, stderr: program.errorLines.join('\n'), stdout: program.lines.join('\n') };
  } finally {
    program.kill('SIGKILL');
  }
}

/** The line that a start which fails ends with. In this process: a process of its own spends two seconds on loading the product. */
export async function failedStart(options: EnvironmentOptions): Promise<string> {
  let app: App | undefined;
  try {
    app = await createApp(loadConfig({ ...environment(options), LOG_LEVEL: 'fatal' }));
    await app.listen();
  } catch (error) {
    const line = startFailure(error);
    if (line === undefined) throw error;
    return line;
  } finally {
    await app?.close();
  }
  throw new Error('the server started');
}

let before: Promise<unknown> = Promise.resolve();

/** A command of the command line, what it printed and its exit code; in this process, for the same reason, and so one after the other. */
export function command(args: readonly string[], env: Record<string, string>): Promise<Failure> {
  const mine = before.then(() => runHere(args, env));
  before = mine.catch(() => {});
  return mine;
}

async function runHere(args: readonly string[], env: Record<string, string>): Promise<Failure> {
  const { exitCode: kept, env: own, stdout, stderr } = process;
  const printed = { stdout: '', stderr: '' };
  const listeners = stdout.listeners('error');
  const streams = [stdout, stderr].map((stream) => ({ stream, write: stream.write }));
  const into = (name: keyof typeof printed) => (text: string | Uint8Array) => {
    printed[name] += String(text);
    return true;
  };
  try {
    process.env = { ...nodeEnvironment(), ...env };
    process.exitCode = undefined;
    stdout.write = into('stdout');
    stderr.write = into('stderr');
    await run(args);
    const code = process.exitCode as unknown;
    return { code: code === undefined ? 0 : (code as number), stdout: printed.stdout.trimEnd(), stderr: printed.stderr.trimEnd() };
  } finally {
    for (const { stream, write } of streams) stream.write = write;
    for (const added of stdout.listeners('error')) if (!listeners.includes(added)) stdout.off('error', added as () => void);
    process.exitCode = kept;
    process.env = own;
  }
}
