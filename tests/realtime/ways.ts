import { once } from 'node:events';
import { onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { until } from '../support/until.ts';
import { type StubGateway, textOf, tokenOf, type transports } from './stub-gateway.ts';

/** The three ways in, up to where a connection is open and nobody has signed in: an answer of HTTP where it is refused. */
export const polling = async ({ url }: StubGateway) => {
  const answer = await fetch(`${url}/socket.io/?EIO=4&transport=polling`);
  return { status: answer.status, body: await answer.text(), retryAfter: answer.headers.get('retry-after') };
};
export const upgrade =
  (path: string) =>
  ({ url }: StubGateway) =>
    new Promise<Awaited<ReturnType<typeof polling>> & { socket?: WebSocket }>((resolve, reject) => {
      const socket = new WebSocket(`${url.replace('http', 'ws')}${path}`);
      onTestFinished(() => socket.terminate());
      socket.on('open', () => resolve({ status: 101, body: '', retryAfter: null, socket }));
      socket.on('unexpected-response', (_request, answer) => {
        let body = '';
        answer.setEncoding('utf8').on('data', (text: string) => (body += text));
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body, retryAfter: answer.headers['retry-after'] ?? null }));
      });
      socket.on('error', reject);
    });
export const ways = {
  polling,
  'Socket.IO over WebSocket': upgrade('/socket.io/?EIO=4&transport=websocket'),
  'plain WebSocket': upgrade('/ws'),
};

/** A bare WebSocket of each kind, signed in. */
export async function signedIn(transport: (typeof transports)[number], { url }: StubGateway, name = 'ann') {
  const isPlain = transport === 'websocket';
  const raw = new WebSocket(`${url.replace('http', 'ws')}${isPlain ? '/ws' : '/socket.io/?EIO=4&transport=websocket'}`);
  onTestFinished(() => raw.terminate());
  let seen = '';
  raw.on('message', (data) => (seen += textOf(data)));
  await once(raw, 'open');
  const auth = { token: tokenOf(name) };
  raw.send(isPlain ? JSON.stringify(['connect', auth]) : `40${JSON.stringify(auth)}`);
  await until(() => seen.includes('"connected"'), { what: 'the welcome' });
  return { raw, seen: () => seen, call: (event: string, n: number) => raw.send(`${isPlain ? '' : '42'}["${event}",{"n":${n}}]`) };
}
