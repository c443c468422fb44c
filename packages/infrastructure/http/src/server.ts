import { isUtf8 } from 'node:buffer';
import type { Execute } from '@coucou/application/kernel/execute';
import type { ReadyOperation } from '@coucou/application/kernel/execute';
import type { AccountDirectory } from '@coucou/application/ports/accounts';
import type { Ids } from '@coucou/application/ports/ids';
import type { OriginPolicy } from '@coucou/application/ports/origin-policy';
import type { AccessTokens } from '@coucou/application/ports/tokens';
import type { Operation } from '@coucou/contracts/kernel/operation';
import { errors } from '@coucou/domain/kernel/errors';
import { limits } from '@coucou/domain/kernel/limits';
import cors from '@fastify/cors';
import { type FastifyBaseLogger, type FastifyInstance, type FastifyPluginAsync, fastify, LogController } from 'fastify';
import helmet from 'helmet';
import { answerError } from './answer-error.ts';
import { createAuthenticate } from './authenticate.ts';
import { createClientErrorHandler } from './client-error.ts';
import { type FileDoor, mountFiles, UPLOAD_TIMEOUT_MS } from './files.ts';
import { mountOperations } from './mount.ts';
import { CLIENT_CLOSED_REQUEST, logRequest } from './request-log.ts';
import { mountSystem, type SystemOptions } from './system.ts';

export type HttpServerOptions = SystemOptions &
  Readonly<{
    operations: readonly ReadyOperation<Operation>[];
    execute: Execute;
    tokens: AccessTokens;
    accounts: AccountDirectory;
    ids: Ids;
    log: FastifyBaseLogger;
    origins: OriginPolicy;
    /** The documentation's pages. */
    pages: FastifyPluginAsync;
    /** Networks in CIDR notation whose `X-Forwarded-*` is believed; none when empty. */
    trustProxy: readonly string[];
    production: boolean;
    /** Takes and sends files; without it operations on files have no route. */
    files?: FileDoor;
  }>;

const SECOND = 1_000;

/** An id that a proxy or client chose, as far as it can stand in a log line. */
const acceptedRequestId = /^[\w-]{1,64}$/;

/** The HTTP door: every operation under `/api/v1`, the system's own paths, and one shape for whatever goes wrong. */
export function createHttpServer(options: HttpServerOptions): FastifyInstance {
  const { ids, log } = options;
  const app = fastify({
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    genReqId: ({ headers }) => {
      const given = headers['x-request-id'];
      return typeof given === 'string' && acceptedRequestId.test(given) ? given : ids.next();
    },
    trustProxy: options.trustProxy.length === 0 ? false : [...options.trustProxy],
    bodyLimit: limits.payload,
    routerOptions: { maxParamLength: 512 },
    // A slow sender is cut off by the first two. A silent connection outlives a long poll (45 s at most) and the idle time of usual
    // load balancers (60 s), so that they close it and not we, in the middle of their next request.
    http: { headersTimeout: 10 * SECOND, connectionsCheckingInterval: 5 * SECOND },
    // A file may take its time to arrive; everything else is cut off by the handler's time, which begins with the request.
    requestTimeout: UPLOAD_TIMEOUT_MS,
    handlerTimeout: 30 * SECOND,
    keepAliveTimeout: 72 * SECOND,
    connectionTimeout: 90 * SECOND,
    // Its answer has another shape; `refuseWhenClosing` stands in.
    return503OnClosing: false,
    clientErrorHandler: createClientErrorHandler(ids),
    frameworkErrors: (error, request, reply) => {
      // The router gave up, so no hook runs.
      reply.header('x-request-id', request.id).header('x-content-type-options', 'nosniff');
      answerError(error, request, reply, log);
      logRequest(request, reply, log);
    },
  });

  app.decorateRequest('call', undefined);
  app.addHook('onRequest', (request, reply, next) => {
    reply.header('x-request-id', request.id);
    // A WebSocket ends by being closed, and would keep its request for this.
    if (request.headers.upgrade !== undefined) return next();
    // Who hangs up gets no response, and no `onResponse`.
    reply.raw.once('close', () => {
      if (!reply.raw.writableEnded) logRequest(request, reply, log, CLIENT_CLOSED_REQUEST);
    });
    next();
  });
  app.addHook('onResponse', (request, reply, next) => {
    logRequest(request, reply, log);
    next();
  });
  app.setErrorHandler((error, request, reply) => answerError(error, request, reply, log));
  app.setNotFoundHandler((request, reply) =>
    answerError(errors.OPERATION_UNKNOWN({ method: request.method, see: '/docs' }), request, reply, log),
  );

  refuseWhenClosing(app);
  acceptJsonOnly(app);
  // Made once: the plugin for it would be put together anew for every request.
  const protect = helmet(securityHeaders(options.production));
  app.addHook('onRequest', (request, reply, next) => protect(request.raw, reply.raw, (error) => next(error as Error | undefined)));
  guardOrigins(app, options.origins);
  void app.register(async (scope) => {
    mountSystem(scope, options);
    const authenticate = createAuthenticate(options.tokens, options.accounts);
    mountOperations(scope, options.operations, options.execute, authenticate);
    if (options.files !== undefined) await scope.register(mountFiles, { ...options, files: options.files, authenticate });
  });
  void app.register(options.pages);
  return app;
}

/** Whoever still comes by a connection that is kept alive goes to another node. */
function refuseWhenClosing(app: FastifyInstance): void {
  let closing = false;
  app.addHook('preClose', async () => {
    closing = true;
  });
  app.addHook('onRequest', (_request, _reply, next) => next(closing ? errors.SERVICE_UNAVAILABLE() : undefined));
}

function acceptJsonOnly(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, bytes: Buffer, done) => {
    // Clients that always name the type send it with nothing, too.
    if (bytes.length === 0) return done(null, undefined);
    // JSON is UTF-8; decoded all the same, other bytes would be stored as replacement characters.
    if (!isUtf8(bytes)) return done(errors.MALFORMED_JSON());
    try {
      done(null, JSON.parse(bytes.toString()));
    } catch {
      done(errors.MALFORMED_JSON());
    }
  });
}

const securityHeaders = (production: boolean) => ({
  contentSecurityPolicy: {
    useDefaults: false,
    directives: { 'default-src': ["'none'"], 'base-uri': ["'none'"], 'form-action': ["'none'"], 'frame-ancestors': ["'none'"] },
  },
  // Says nothing about subdomains: they are the operator's.
  strictTransportSecurity: production ? { maxAge: 31_536_000, includeSubDomains: false } : false,
  referrerPolicy: { policy: 'no-referrer' as const },
});

const readOnly = new Set(['GET', 'HEAD']);

/**
 * Lets pages of the allowed origins in, and refuses what others try to do. Reading is not refused: without CORS headers no page of
 * another origin sees the answer.
 */
function guardOrigins(app: FastifyInstance, isAllowed: OriginPolicy): void {
  app.addHook('onRequest', (request, _reply, next) => {
    const { origin } = request.headers;
    const refused = origin !== undefined && !readOnly.has(request.method) && !isAllowed(origin, request.host);
    next(refused ? errors.ORIGIN_REFUSED() : undefined);
  });
  void app.register(cors, {
    delegator: (request, decide) => {
      const { origin } = request.headers;
      decide(null, {
        origin: origin === undefined || isAllowed(origin, request.host),
        methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
        exposedHeaders: ['X-Request-Id', 'Retry-After', 'Accept-Ranges', 'Content-Disposition', 'Content-Range', 'ETag'],
        maxAge: 600,
        // An OPTIONS that is no preflight gets the same list of methods.
        strictPreflight: false,
      });
    },
  });
}
