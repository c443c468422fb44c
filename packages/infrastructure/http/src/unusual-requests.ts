import { type IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type ChatError, errors } from '@coucou/domain/kernel/errors';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type Answering, answerError } from './answer-error.ts';

/**
 * Requests that Node would answer itself, in another shape or not at all: CONNECT, an `Expect` other than `100-continue`, and no
 * `Host` (for which `requireHostHeader` is off). They take the way of every request, and are refused here. So are two hosts (RFC 9112,
 * 3.2), and a body in a content coding or a transfer coding, whose bytes would be taken for the content itself.
 */
export function refuseUnusual(app: FastifyInstance, answering: Answering): void {
  const { server } = app;
  server.on('checkExpectation', (request: IncomingMessage, response: ServerResponse) => void server.emit('request', request, response));
  server.on('connect', (request: IncomingMessage, socket: Duplex) => {
    // Node leaves the socket without listeners, and an unhandled 'error' would end the process.
    socket.on('error', () => {});
    const response = new ServerResponse(request);
    response.shouldKeepAlive = false;
    response.assignSocket(socket as Socket);
    response.once('finish', () => (socket as Socket).destroySoon());
    app.routing(request, response);
  });
  app.addHook('onRequest', (request, reply, next) => {
    const unusual = faultOf(request);
    if (unusual === undefined) return next();
    answerError(unusual.error, request, reply, answering, unusual.status);
  });
}

const invalid = (header: string, rule: string, message: string) => errors.VALIDATION_FAILED([{ path: [header], rule, message }]);

function faultOf({ headers, raw }: FastifyRequest): Readonly<{ error: ChatError; status?: number }> | undefined {
  if (headers.expect !== undefined && headers.expect.trim().toLowerCase() !== '100-continue')
    return { error: invalid('Expect', 'expect', 'The only expectation that this server meets is 100-continue.'), status: 417 };
  if (headers.host === undefined && raw.httpVersion === '1.1') return { error: invalid('Host', 'required', 'A request names its host.') };
  if (raw.rawHeaders.filter((name, at) => at % 2 === 0 && name.toLowerCase() === 'host').length > 1)
    return { error: invalid('Host', 'single', 'A request names one host.') };
  const transfer = headers['transfer-encoding']?.trim().toLowerCase() ?? 'chunked';
  if (transfer !== 'chunked') return { error: errors.UNSUPPORTED_MEDIA_TYPE({ header: 'Transfer-Encoding' }) };
  const coding = headers['content-encoding']?.trim().toLowerCase() ?? '';
  if (coding !== '' && coding !== 'identity') return { error: errors.UNSUPPORTED_MEDIA_TYPE({ header: 'Content-Encoding' }) };
  return undefined;
}
