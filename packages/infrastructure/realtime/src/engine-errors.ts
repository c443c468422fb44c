import { type IncomingMessage, ServerResponse } from 'node:http';
import type { MakeErrorBody } from '@coucou/application/kernel/error-body';
import type { Ids } from '@coucou/application/ports/ids';
import { type ChatError, errors } from '@coucou/domain/kernel/errors';
import type { Server } from 'socket.io';
import { createErrorAnswer, toText } from './raw-answer.ts';

type EngineRequest = IncomingMessage & { _query?: Readonly<Record<string, unknown>> };
type Options = Readonly<{
  ids: Ids;
  errorBody: MakeErrorBody;
  maxPayload: number;
  /** Why this handshake was refused, where that was no code of Engine.IO's. */
  refusalOf: (request: IncomingMessage) => ChatError | undefined;
  /** How long the body of a request may take. */
  bodyMs?: number | undefined;
}>;

/** As long as a request of any other kind has. */
const BODY_MS = 30_000;

const invalid = (field: string | undefined, message: string) =>
  errors.VALIDATION_FAILED([{ path: field === undefined ? [] : [field], rule: 'handshake', message }]);

/** The codes of Engine.IO's protocol as errors of the product. */
const byCode: Readonly<Record<number, () => ChatError>> = {
  0: () => invalid('transport', 'There is no such transport here; use polling or websocket.'),
  1: () => invalid('sid', 'This session is over; connect again.'),
  2: () => invalid(undefined, 'A handshake is a GET.'),
  4: () => errors.ORIGIN_REFUSED(),
  5: () => invalid('EIO', 'This server speaks revision 4 of the protocol.'),
};
const malformed = () => invalid(undefined, 'The request does not fit the protocol.');

const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined;

/** What Engine.IO answers with a status and, at most, a code of its own. */
function errorOf(status: number, body: unknown, { method = '', url = '' }: IncomingMessage, maxPayload: number): ChatError {
  if (status === 503) return errors.TIMEOUT();
  if (status === 413) return errors.PAYLOAD_TOO_LARGE({ limit: maxPayload });
  // Its answer to a method that it does not know.
  if (status === 500) return errors.OPERATION_UNKNOWN({ method, see: '/docs' });
  // Other servers have the client library at /socket.io/socket.io.js.
  if (/^[^?]*\.js(?:\.map)?(?:\?|$)/.test(url))
    return errors.OPERATION_UNKNOWN({ method, see: '/docs/guides/build-a-client#in-a-page-without-a-bundler' });
  const { code } = typeof body === 'string' && body !== '' ? (JSON.parse(body) as { code?: number }) : {};
  return (byCode[code ?? -1] ?? malformed)();
}

/** Engine.IO answers before Fastify sees a request, each error in a shape of its own: this gives them that of the product. */
export function shapeEngineErrors(engine: Server['engine'], options: Options): void {
  const { maxPayload, refusalOf, bodyMs = BODY_MS } = options;
  const answer = createErrorAnswer(options);
  const answerTo = (error: ChatError, request: IncomingMessage) => answer(error, (request.url ?? '').split('?', 1)[0] ?? '');

  function shape(request: IncomingMessage, response: ServerResponse): void {
    const writeHead = response.writeHead.bind(response) as (status: number, headers?: object) => ServerResponse;
    const end = response.end.bind(response) as (body?: unknown) => ServerResponse;
    response.writeHead = ((status: number, headers?: object) => {
      if (status < 400) return writeHead(status, headers);
      response.end = ((body?: unknown) => {
        const shaped = answerTo(refusalOf(request) ?? errorOf(status, body, request, maxPayload), request);
        writeHead(shaped.status, shaped.headers);
        return end(shaped.text);
      }) as ServerResponse['end'];
      return response;
    }) as ServerResponse['writeHead'];
  }

  /** A body that does not come ends with its connection, also when the answer was sent already. */
  function bound(request: IncomingMessage, response: ServerResponse): void {
    const timer = setTimeout(() => {
      if (request.complete) return;
      if (response.headersSent) return void request.socket.destroy();
      response.once('finish', () => request.socket.destroy());
      response.writeHead(503).end();
    }, bodyMs).unref();
    request.once('close', () => clearTimeout(timer));
  }

  engine.use((request: EngineRequest, response: unknown, next: () => void) => {
    if (!(response instanceof ServerResponse)) return next();
    shape(request, response);
    if (hasBody(request)) bound(request, response);
    // JSONP answers with a script, which any page may include: origins would not be checked.
    if (request._query?.['j'] === undefined) next();
    else response.writeHead(400).end();
  });

  // An upgrade has no response. Engine.IO writes its own answer afterwards, unless the socket is closed by then.
  engine.on('connection_error', ({ req, code }: Readonly<{ req: EngineRequest & { res?: unknown }; code: number }>) => {
    if (req.res !== undefined || !req.socket.writable) return;
    req.socket.on('error', () => {});
    req.socket.end(toText(answerTo(refusalOf(req) ?? (byCode[code] ?? malformed)(), req)));
  });
}
