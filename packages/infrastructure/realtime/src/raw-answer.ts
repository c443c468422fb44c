import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { httpStatus, type MakeErrorBody, retryAfterSeconds } from '@coucou/application/kernel/error-body';
import type { Ids } from '@coucou/application/ports/ids';
import type { ChatError } from '@coucou/domain/kernel/errors';

export type ErrorAnswer = Readonly<{ status: number; headers: Readonly<Record<string, string>>; text: string }>;

/** An error of the product as an answer of HTTP, for requests that Fastify does not see. */
export const createErrorAnswer =
  ({ ids, errorBody }: Readonly<{ ids: Ids; errorBody: MakeErrorBody }>) =>
  (error: ChatError, path: string): ErrorAnswer => {
    const requestId = ids.next();
    const text = JSON.stringify(errorBody(error, path, requestId, new Date()));
    const seconds = retryAfterSeconds(error);
    const headers = {
      ...(seconds === undefined ? {} : { 'Retry-After': String(seconds), Connection: 'close' }),
      'Content-Type': 'application/json; charset=utf-8',
      'Content-Length': String(Buffer.byteLength(text)),
      'Cache-Control': 'no-store',
      'X-Content-Type-Options': 'nosniff',
      'X-Request-Id': requestId,
    };
    return { status: httpStatus[error.kind], headers, text };
  };

/** As it goes over a socket that has no response. */
export function toText({ status, headers, text }: ErrorAnswer): string {
  const head = Object.entries({ ...headers, Connection: 'close' }).map(([name, value]) => `${name}: ${value}`);
  return [`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...head, '', text].join('\r\n');
}

/** How long a client may take to read the answer and hang up. */
const LINGER_MS = 1_000;

/** Ends a connection by an answer to whatever it would have asked. What it sends is dropped: unread bytes would reset it, and lose the answer. */
export function endWithAnswer(answer: string, socket: Socket): void {
  socket.removeAllListeners('data');
  socket.on('error', () => {});
  socket.resume();
  socket.end(answer);
  const timer = setTimeout(() => socket.destroy(), LINGER_MS);
  socket.once('close', () => clearTimeout(timer));
}
