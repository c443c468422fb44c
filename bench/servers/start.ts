import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const PROBE = new URL('./probe.ts', import.meta.url).href;
const READY_MS = 60_000;
const STOP_MS = 15_000;

/** A server in its own process, started like the product: it says so in a JSON line with `msg: "ready"` and its `url`. */
export class ServerProcess {
  readonly url: string;
  readonly #child: ChildProcess;
  #afterwards: (() => Promise<void>)[] = [];

  private constructor(child: ChildProcess, url: string) {
    this.#child = child;
    this.url = url;
  }

  static async start(entry: URL, env: NodeJS.ProcessEnv = {}, nodeOptions: readonly string[] = []): Promise<ServerProcess> {
    const script = fileURLToPath(entry);
    const child = spawn(process.execPath, [...nodeOptions, '--import', PROBE, script], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: { ...process.env, ...env },
    });
    const lines: string[] = [];
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const listen = (line: string) => {
      if (lines.push(line) > 50) lines.shift();
      const url = readyUrl(line);
      if (url) resolve(url);
    };
    createInterface({ input: child.stdout ?? process.stdin }).on('line', listen);
    createInterface({ input: child.stderr ?? process.stdin }).on('line', listen);
    const tail = () => `\n${lines.slice(-20).join('\n')}`;
    child.on('close', (code, signal) => reject(new Error(`${script} ended (${signal ?? code}) before it was ready${tail()}`)));
    const timer = setTimeout(() => reject(new Error(`${script} was not ready in time${tail()}`)), READY_MS);
    try {
      return new ServerProcess(child, await promise);
    } catch (error) {
      child.kill('SIGKILL');
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Microseconds of processor time, user and system, of all threads since the start. */
  async cpuMicros(): Promise<number> {
    if (!this.#child.connected) throw new Error(`the server at ${this.url} has ended`);
    const answered = once(this.#child, 'message');
    this.#child.send('cpu');
    const [{ user, system }] = (await answered) as [NodeJS.CpuUsage];
    return user + system;
  }

  /** Done once the server has stopped. */
  afterwards(clean: () => Promise<void>): void {
    this.#afterwards.push(clean);
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const ended = once(this.#child, 'exit');
      this.#child.kill('SIGTERM');
      const timer = setTimeout(() => this.#child.kill('SIGKILL'), STOP_MS);
      await ended;
      clearTimeout(timer);
    }
    for (const clean of this.#afterwards.splice(0)) await clean();
  }
}

function readyUrl(line: string): string | undefined {
  if (!line.includes('"ready"')) return undefined;
  try {
    const { msg, url } = JSON.parse(line) as { msg?: string; url?: string };
    return msg === 'ready' ? url : undefined;
  } catch {
    return undefined;
  }
}
