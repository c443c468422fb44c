import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { type MakeErrorBody, retryAfterSeconds } from '@coucou/application/kernel/error-body';
import type { Ids } from '@coucou/application/ports/ids';
import { errors } from '@coucou/domain/kernel/errors';

const malformed = () => errors.VALIDATION_FAILED([{ path: [], rule: 'http', message: 'This is not a well-formed HTTP/1.1 request.' }]);

function answerTo(code: string | undefined) {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return { status: 408, error: errors.TIMEOUT() };
  if (code === 'HPE_HEADER_OVERFLOW') return { status: 431, error: errors.PAYLOAD_TOO_LARGE({ part: 'headers' }) };
  if (code === 'HPE_CHUNK_EXTENSIONS_OVERFLOW') return { status: 413, error: errors.PAYLOAD_TOO_LARGE({ part: 'chunk extensions' }) };
  return { status: 400, error: malformed() };
}

/** How long a client may take to read the answer and hang up. */
const LINGER_MS = 2_000;

/**
 * Ends the connection by an answer. What the client still sends is read and dropped meanwhile: closing a socket with unread bytes
 * resets the connection, and a reset takes the answer with it (RFC 9112, 9.6).
 */
function endWith(answer: string, socket: Socket): void {
  // Those of the parser, which would report every further byte.
  socket.removeAllListeners('data');
  socket.on('data', () => {});
  socket.resume();
  socket.end(answer);
  const timer = setTimeout(() => socket.destroy(), LINGER_MS);
  socket.once('close', () => clearTimeout(timer));
}

/** Answers bytes that are not an HTTP request, on the raw socket, since Fastify has no request to answer. */
export function createClientErrorHandler(ids: Ids, errorBody: MakeErrorBody): (fault: Readonly<{ code?: string }>, socket: Socket) => void {
  const answered = new WeakSet<Socket>();
  return (fault, socket) => {
    if (answered.has(socket)) return;
    answered.add(socket);
    if (fault.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
    const { status, error } = answerTo(fault.code);
    const requestId = ids.next();
    const body = JSON.stringify(errorBody(error, '', requestId, new Date()));
    const seconds = retryAfterSeconds(error);
    const head = [
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
      'Content-Type: application/json; charset=utf-8',
      `Content-Length: ${Buffer.byteLength(body)}`,
      `X-Request-Id: ${requestId}`,
      'Cache-Control: no-store',
      'X-Content-Type-Options: nosniff',
      ...(seconds === undefined ? [] : [`Retry-After: ${seconds}`]),
      'Connection: close',
    ];
    endWith(`${head.join('\r\n')}\r\n\r\n${body}`, socket);
  };
}
