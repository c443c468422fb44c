import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { EventLog, type Payload } from './event-log.ts';

/** The system's, for which the distribution has packages. */
const PYTHON = '/usr/bin/python3';

/** Whether python-socketio is there, with what it needs to connect asynchronously. */
export const hasPythonClient = (): boolean => spawnSync(PYTHON, ['-c', 'import socketio, aiohttp']).status === 0;

/** A client that others have written, in a language of its own: it shows that the server speaks Socket.IO's protocol and not ours. */
export async function pythonClient(url: string, token: string, transports: readonly ('websocket' | 'polling')[]) {
  const script = fileURLToPath(new URL('python-client.py', import.meta.url));
  const child = spawn(PYTHON, [script, url, token, transports.join(',')], { stdio: ['pipe', 'pipe', 'inherit'] });
  const events = new EventLog();
  const answers = new EventLog();
  createInterface({ input: child.stdout }).on('line', (line) => {
    const { answer, event, payload } = JSON.parse(line) as { answer?: Payload; event?: string; payload?: Payload };
    if (event === undefined) answers.record('answer', answer);
    else events.record(event, payload);
  });
  const { transport } = await events.next('connected', undefined, { timeoutMs: 30_000 });
  return {
    transport: transport as string,
    events,
    /** One at a time: answers come in the order of the calls. */
    async call(operation: string, input: object): Promise<Payload> {
      child.stdin.write(`${JSON.stringify({ operation, input })}\n`);
      return answers.next('answer');
    },
    async close(): Promise<void> {
      const ended = once(child, 'exit');
      child.stdin.end();
      await ended;
    },
  };
}
