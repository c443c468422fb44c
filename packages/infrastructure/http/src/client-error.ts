import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Ids } from '@coucou/application/ports/ids';
import { errors } from '@coucou/domain/kernel/errors';
import { errorBody } from '@coucou/application/kernel/error-body';

const malformed = () => errors.VALIDATION_FAILED([{ path: [], rule: 'http', message: 'This is not a well-formed HTTP/1.1 request.' }]);

function answerTo(code: string | undefined) {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return { status: 408, error: errors.TIMEOUT() };
  if (code === 'HPE_HEADER_OVERFLOW') return { status: 431, error: errors.PAYLOAD_TOO_LARGE({ part: 'headers' }) };
  return { status: 400, error: malformed() };
}

/** Answers bytes that are not an HTTP request, on the raw socket, since Fastify has no request to answer. */
export const createClientErrorHandler =
  (ids: Ids) =>
  (fault: Readonly<{ code?: string }>, socket: Socket): void => {
    if (fault.code !== 'ECONNRESET' && socket.writable) {
      const { status, error } = answerTo(fault.code);
      const requestId = ids.next();
      const body = JSON.stringify(errorBody(error, '', requestId, new Date()));
      socket.write(
        [
          `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
          'Content-Type: application/json; charset=utf-8',
          `Content-Length: ${Buffer.byteLength(body)}`,
          `X-Request-Id: ${requestId}`,
          'Connection: close',
          '',
          body,
        ].join('\r\n'),
      );
    }
    socket.destroy();
  };
