import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const PROBE = new URL('./probe.ts', import.meta.url).href;
const READY_MS = 60_000;
const STOP_MS = 15_000;

/** The code with which a server ended, `undefined` where a signal ended it, and how long after it was told to stop. */
export type Exit = Readonly<{ code: number | undefined; ms: number }>;

/** A server in its own process, started like the product: it says so in a JSON line with `msg: "ready"` and its `url`. */
export class ServerProcess {
  readonly url: string;
  readonly #child: ChildProcess;
  readonly #chunks: readonly string[];
  #afterwards: (() => Promise<void>)[] = [];

  private constructor(child: ChildProcess, url: string, chunks: readonly string[]) {
    this.#child = child;
    this.url = url;
    this.#chunks = chunks;
  }

  /** The last it wrote, for when something went wrong. */
  get lastWords(): string {
    return lastOf(this.#chunks);
  }

  static async start(entry: URL, env: NodeJS.ProcessEnv = {}, nodeOptions: readonly string[] = []): Promise<ServerProcess> {
    const script = fileURLToPath(entry);
    const child = spawn(process.execPath, [...nodeOptions, '--import', PROBE, script], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: { ...process.env, ...env },
    });
    // What a server writes while it is measured is kept as it comes, and read when somebody asks: its parent is also who measures.
    const chunks: string[] = [];
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    let isReady = false;
    for (const stream of [child.stdout, child.stderr])
      stream?.setEncoding('utf8').on('data', (chunk: string) => {
        if (chunks.push(chunk) > 200) chunks.shift();
        if (isReady) return;
        const url = chunks.join('').split('\n').map(readyUrl).find(Boolean);
        if (url === undefined) return;
        isReady = true;
        resolve(url);
      });
    const fail = (why: string) => reject(new Error(`${script} ${why}\n${lastOf(chunks)}`));
    child.on('close', (code, signal) => fail(`ended (${signal ?? code}) before it was ready`));
    const timer = setTimeout(() => fail('was not ready in time'), READY_MS);
    try {
      return new ServerProcess(child, await promise, chunks);
    } catch (error) {
      child.kill('SIGKILL');
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Microseconds of processor time, user and system, of all threads since the start. */
  async cpuMicros(): Promise<number> {
    const { user, system } = await this.ask<NodeJS.CpuUsage>('cpu');
    return user + system;
  }

  /** One question at a time, over the parent's channel. */
  async ask<Answer>(question: 'cpu' | 'memory' | 'queries' | Record<string, unknown>): Promise<Answer> {
    const gone = () => new Error(`the server at ${this.url} has ended\n${this.lastWords}`);
    if (!this.#child.connected) throw gone();
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const ended = () => reject(gone());
    this.#child.once('message', resolve as (message: unknown) => void).once('exit', ended);
    this.#child.send(question);
    return promise.finally(() => this.#child.off('exit', ended));
  }

  /** Done once the server has stopped. */
  afterwards(clean: () => Promise<void>): void {
    this.#afterwards.push(clean);
  }

  async stop(): Promise<Exit> {
    const begun = performance.now();
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const ended = once(this.#child, 'exit');
      this.#child.kill('SIGTERM');
      const timer = setTimeout(() => this.#child.kill('SIGKILL'), STOP_MS);
      await ended;
      clearTimeout(timer);
    }
    const exit = { code: this.#child.exitCode ?? undefined, ms: performance.now() - begun };
    for (const clean of this.#afterwards.splice(0)) await clean();
    return exit;
  }
}

const lastOf = (chunks: readonly string[]): string => chunks.join('').trimEnd().split('\n').slice(-20).join('\n');

function readyUrl(line: string): string | undefined {
  if (!line.includes('"ready"')) return undefined;
  try {
    const { msg, url } = JSON.parse(line) as { msg?: string; url?: string };
    return msg === 'ready' ? url : undefined;
  } catch {
    return undefined;
  }
}
