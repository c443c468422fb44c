import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { WebSocket } from 'ws';
import { privateDirectory } from './machine.ts';
import { withDeadline } from './until.ts';

/** A headless Chromium, spoken to by its own protocol (CDP): as much of it as a test of a page needs. */
export type Page = Readonly<{
  send(method: string, params?: object): Promise<Record<string, unknown>>;
  open(url: string): Promise<void>;
  /** The value of an expression in the page, as if somebody had clicked; a promise is awaited. */
  evaluate<T>(expression: string): Promise<T>;
  /** What its console complained of: violations of its policy, what did not load, what was thrown. */
  problems: string[];
  close(): Promise<void>;
}>;

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** Makes passkeys and shows them without asking anybody: as a phone whose owner always agrees. Answers its id. */
export async function addAuthenticator({ send }: Page): Promise<unknown> {
  await send('WebAuthn.enable', { enableUI: false });
  const options = {
    protocol: 'ctap2',
    transport: 'internal',
    hasResidentKey: true,
    hasUserVerification: true,
    isUserVerified: true,
    automaticPresenceSimulation: true,
  };
  return (await send('WebAuthn.addVirtualAuthenticator', { options }))['authenticatorId'];
}

/** The path of the browser on this machine; undefined where there is none. */
export function findChromium(): string | undefined {
  for (const name of NAMES) {
    try {
      return execFileSync('which', [name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
    } catch {
      // The next one.
    }
  }
  return undefined;
}

function endpointOf(child: ChildProcess): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    said += chunk.toString('utf8');
    const [, url] = /DevTools listening on (ws:\S+)/.exec(said) ?? [];
    if (url !== undefined) resolve(url);
  });
  child.once('exit', () => reject(new Error(`Chromium ended: ${said.slice(-500)}`)));
  return withDeadline(promise, { what: 'Chromium to start', timeoutMs: 60_000 });
}

export async function openPage(browser: string): Promise<Page> {
  const profile = await privateDirectory('chromium');
  const flags = ['--headless=new', '--no-sandbox', '--disable-gpu', '--remote-debugging-port=0', '--no-first-run'];
  const child = spawn(browser, [...flags, `--user-data-dir=${path.join(profile, 'profile')}`, 'about:blank'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const socket = new WebSocket(await endpointOf(child));
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  const waiting = new Map<number, (answer: { result?: Record<string, unknown>; error?: { message: string } }) => void>();
  const onLoad: (() => void)[] = [];
  const problems: string[] = [];
  socket.on('message', (data) => {
    const message = JSON.parse((data as Buffer).toString('utf8'));
    if (message.method === 'Page.loadEventFired') for (const done of onLoad.splice(0)) done();
    if (message.method === 'Log.entryAdded' && message.params.entry.level === 'error')
      problems.push(`${message.params.entry.text} (${message.params.entry.url})`);
    if (message.method === 'Runtime.exceptionThrown') problems.push(JSON.stringify(message.params.exceptionDetails));
    waiting.get(message.id)?.(message);
    waiting.delete(message.id);
  });

  let ids = 0;
  const target: { sessionId?: string } = {};
  async function send(method: string, params: object = {}): Promise<Record<string, unknown>> {
    ids += 1;
    const answer = new Promise<{ result?: Record<string, unknown>; error?: { message: string } }>((resolve) => waiting.set(ids, resolve));
    socket.send(JSON.stringify({ id: ids, method, params, ...target }));
    const { result = {}, error } = await withDeadline(answer, { what: method, timeoutMs: 30_000 });
    if (error !== undefined) throw new Error(`${method}: ${error.message}`);
    return result;
  }
  const { targetId } = await send('Target.createTarget', { url: 'about:blank' });
  const attached = await send('Target.attachToTarget', { targetId, flatten: true });
  target.sessionId = String(attached['sessionId']);
  for (const domain of ['Page', 'Log', 'Runtime']) await send(`${domain}.enable`);

  return {
    send,
    problems,
    async open(url) {
      const loaded = new Promise<void>((resolve) => onLoad.push(resolve));
      await send('Page.navigate', { url });
      await withDeadline(loaded, { what: url, timeoutMs: 30_000 });
    },
    async evaluate<T>(expression: string): Promise<T> {
      const options = { expression, awaitPromise: true, returnByValue: true, userGesture: true };
      const { result, exceptionDetails } = (await send('Runtime.evaluate', options)) as {
        result: { value: T };
        exceptionDetails?: { exception?: { description?: string } };
      };
      if (exceptionDetails !== undefined) throw new Error(exceptionDetails.exception?.description ?? 'the page threw');
      return result.value;
    },
    async close() {
      socket.close();
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill();
      await ended;
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
