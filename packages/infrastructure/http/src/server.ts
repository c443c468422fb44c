import { isUtf8 } from 'node:buffer';
import { Socket } from 'node:net';
import type { MakeErrorBody } from '@coucou/application/kernel/error-body';
import type { Execute } from '@coucou/application/kernel/execute';
import type { ReadyOperation } from '@coucou/application/kernel/execute';
import type { CallLimits } from '@coucou/application/kernel/call-limits';
import type { AccountDirectory } from '@coucou/application/ports/accounts';
import type { Ids } from '@coucou/application/ports/ids';
import type { Metrics } from '@coucou/application/ports/metrics';
import type { OriginPolicy } from '@coucou/application/ports/origin-policy';
import type { Programs } from '@coucou/application/ports/programs';
import type { Proofs } from '@coucou/application/ports/proofs';
import type { AccessTokens } from '@coucou/application/ports/tokens';
import type { Operation } from '@coucou/contracts/kernel/operation';
import { errors } from '@coucou/domain/kernel/errors';
import cors from '@fastify/cors';
import {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyPluginAsync,
  type FastifyRequest,
  fastify,
  LogController,
} from 'fastify';
import helmet from 'helmet';
import { answerError } from './answer-error.ts';
import { createAuthenticate } from './authenticate.ts';
import { createBrowserCookie } from './browser-cookie.ts';
import { createClientErrorHandler } from './client-error.ts';
import { DEV_PREFIX, isForConveniences, requireLocal } from './conveniences.ts';
import { type FileDoor, mountFiles, UPLOAD_TIMEOUT_MS } from './files.ts';
import { mountOperations } from './mount.ts';
import { mountRedirects } from './redirects.ts';
import { createRefreshCookies, type RefreshCookieOptions } from './refresh-cookie.ts';
import { mountSignedBodies } from './signed-bodies.ts';
import { refuseUnusual } from './unusual-requests.ts';
import { limitCallers, writeQuotas } from './request-limits.ts';
import { CLIENT_CLOSED_REQUEST, createRequestLog } from './request-log.ts';
import { mountSystem, type SystemOptions } from './system.ts';

export type HttpServerOptions = SystemOptions &
  Readonly<{
    operations: readonly ReadyOperation<Operation>[];
    /** Operations below `/dev`, for requests of this machine; absent unless the server runs for development on loopback. */
    conveniences?: readonly ReadyOperation<Operation>[];
    execute: Execute;
    /** Absent: requests have no limit. */
    limits?: CallLimits;
    tokens: AccessTokens;
    programs: Programs;
    proofs: Proofs;
    accounts: AccountDirectory;
    ids: Ids;
    errorBody: MakeErrorBody;
    metrics: Metrics;
    log: FastifyBaseLogger;
    origins: OriginPolicy;
    cookies: Pick<RefreshCookieOptions, 'secure' | 'refreshTokens' | 'csrfTokens'>;
    /** Pages for people: the one at `/` and the documentation. */
    pages: readonly FastifyPluginAsync[];
    /** Adds what traces requests, before everything else. */
    instrument?: ((app: FastifyInstance) => void) | undefined;
    /** Networks in CIDR notation whose `X-Forwarded-*` is trusted; none when empty. */
    trustProxy: readonly string[];
    production: boolean;
    /** Bytes of one body; uploads have their own. */
    maxPayload: number;
    /** Receives and sends files; without it operations on files have no route. */
    files?: FileDoor;
    timeouts?: Partial<Timeouts>;
  }>;

const SECOND = 1_000;

/**
 * All timeouts of HTTP, in milliseconds. A request that arrives slowly is answered by its handler's timeout, which starts with the
 * request; Node's own timeouts of the request and of silence are longer, since they end a connection without that answer.
 */
export type Timeouts = Readonly<{
  headersMs: number;
  /** A handler with its body; uploads have `UPLOAD_TIMEOUT_MS`. */
  handlerMs: number;
  /** The rest of a body whose request was answered already. */
  restMs: number;
  /** A connection on which nothing moves while it is in use. */
  silenceMs: number;
  /** Exceeds a long poll (45 s) and the idle timeout of usual load balancers (60 s), so that they close idle connections first. */
  keepAliveMs: number;
  /** A whole request, for those that have no handler. */
  requestMs: number;
  /** How often Node looks for headers and requests that are late. */
  checkMs: number;
}>;

export const TIMEOUTS: Timeouts = {
  headersMs: 10 * SECOND,
  handlerMs: 30 * SECOND,
  restMs: 5 * SECOND,
  silenceMs: 90 * SECOND,
  keepAliveMs: 72 * SECOND,
  requestMs: UPLOAD_TIMEOUT_MS + 30 * SECOND,
  checkMs: 5 * SECOND,
};

/** A request id from a proxy or client, if it is safe in a log line. */
const acceptedRequestId = /^[\w-]{1,64}$/;

/** The HTTP server: every operation under `/api/v1`, system paths, and one error shape. */
export function createHttpServer(options: HttpServerOptions): FastifyInstance {
  const { ids, log, errorBody } = options;
  const timeouts = { ...TIMEOUTS, ...options.timeouts };
  const noteRequest = createRequestLog(options);
  const app = fastify({
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    genReqId: ({ headers }) => {
      const given = headers['x-request-id'];
      return typeof given === 'string' && acceptedRequestId.test(given) ? given : ids.next();
    },
    trustProxy: options.trustProxy.length === 0 ? false : [...options.trustProxy],
    bodyLimit: options.maxPayload,
    routerOptions: { maxParamLength: 512 },
    http: { headersTimeout: timeouts.headersMs, connectionsCheckingInterval: timeouts.checkMs, requireHostHeader: false },
    requestTimeout: timeouts.requestMs,
    handlerTimeout: timeouts.handlerMs,
    keepAliveTimeout: timeouts.keepAliveMs,
    connectionTimeout: timeouts.silenceMs,
    // Fastify's own answer has another shape; `refuseWhenClosing` replaces it.
    return503OnClosing: false,
    clientErrorHandler: createClientErrorHandler(ids, errorBody),
    frameworkErrors: (error, request, reply) => {
      // Rejected by the router, so no hook runs.
      reply.header('x-request-id', request.id).header('x-content-type-options', 'nosniff');
      answerError(error, request, reply, options);
      noteRequest(request, reply);
    },
  });

  options.instrument?.(app);
  app.decorateRequest('call', undefined);
  app.addHook('onRequest', (request, reply, next) => {
    reply.header('x-request-id', request.id);
    // For the next proof of a client that makes them.
    if (request.headers['dpop'] !== undefined) reply.header('dpop-nonce', options.proofs.nonce());
    // Not for WebSockets, whose request lasts as long as the connection.
    if (request.headers.upgrade !== undefined) return next();
    // A client that disconnects triggers no `onResponse`.
    reply.raw.once('close', () => {
      if (!reply.raw.writableEnded) noteRequest(request, reply, CLIENT_CLOSED_REQUEST);
    });
    next();
  });
  app.decorateRequest('quotas', undefined);
  app.addHook('onSend', (request, reply, _payload, next) => {
    writeQuotas(request, reply);
    next();
  });
  app.addHook('onResponse', (request, reply, next) => {
    noteRequest(request, reply);
    next();
  });
  app.setErrorHandler((error, request, reply) => answerError(error, request, reply, options));
  app.setNotFoundHandler((request, reply) =>
    answerError(errors.OPERATION_UNKNOWN({ method: request.method, see: '/docs' }), request, reply, options),
  );

  boundSlowBodies(app, timeouts);
  refuseWhenClosing(app);
  refuseUnusual(app, options);
  acceptJsonOnly(app);
  // Created once: the plugin would build the headers for every request.
  const protect = helmet(securityHeaders(options.production));
  app.addHook('onRequest', (request, reply, next) => protect(request.raw, reply.raw, (error) => next(error as Error | undefined)));
  guardOrigins(app, options.origins);
  void app.register(async (scope) => {
    mountSystem(scope, options);
    const browserCookie = createBrowserCookie(options.cookies.secure);
    const authenticate = limitCallers(createAuthenticate(options, browserCookie), options.limits);
    mountRedirects(scope, { ...options, authenticate, browserCookie });
    const callers = {
      authenticate,
      cookies: createRefreshCookies({ ...options.cookies, accounts: options.accounts, origins: options.origins }),
    };
    mountOperations(scope, options.operations, options.execute, callers);
    await scope.register(mountSignedBodies, { ...options, authenticate });
    mountOperations(scope, options.conveniences ?? [], options.execute, callers, { prefix: DEV_PREFIX, guard: requireLocal });
    if (options.files !== undefined) await scope.register(mountFiles, { ...options, files: options.files, authenticate });
  });
  for (const page of options.pages) void app.register(page);
  return app;
}

/** Injected requests have no socket. */
const isArriving = ({ complete, socket }: FastifyRequest['raw']): boolean => !complete && socket instanceof Socket;

/** Bodies that are still on their way: the silence that they may keep, and the end of those that nobody waits for any more. */
function boundSlowBodies(app: FastifyInstance, { silenceMs, restMs }: Timeouts): void {
  app.addHook('onRequest', ({ raw, routeOptions: { handlerTimeout } }, _reply, next) => {
    // Silence lasts as long as the server does not read. Node sets its own timeout again for the next request.
    if (isArriving(raw) && handlerTimeout > silenceMs) raw.socket.setTimeout(handlerTimeout + restMs);
    next();
  });
  app.addHook('onResponse', ({ raw }, _reply, next) => {
    if (isArriving(raw)) setTimeout(() => isArriving(raw) && raw.socket.destroy(), restMs).unref();
    next();
  });
}

/** Refuses requests on kept-alive connections while closing, so that clients reconnect to another node. */
function refuseWhenClosing(app: FastifyInstance): void {
  let closing = false;
  app.addHook('preClose', async () => {
    closing = true;
  });
  app.addHook('onRequest', (_request, _reply, next) => next(closing ? errors.SERVICE_UNAVAILABLE({ reason: 'stopping' }) : undefined));
}

function acceptJsonOnly(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, bytes: Buffer, done) => {
    // Some clients send the content type even with an empty body.
    if (bytes.length === 0) return done(null, undefined);
    // JSON must be UTF-8; otherwise invalid bytes would be stored as replacement characters.
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
  // Without `includeSubDomains`: subdomains belong to the operator.
  strictTransportSecurity: production ? { maxAge: 31_536_000, includeSubDomains: false } : false,
  referrerPolicy: { policy: 'no-referrer' as const },
});

const readOnly = new Set(['GET', 'HEAD']);

const isOwnOrigin: OriginPolicy = (origin, host) => URL.parse(origin)?.host === host.toLowerCase();

/**
 * CORS for the allowed origins; writes from other origins are refused. Reads are not: without CORS headers no page of
 * another origin sees the answer. Conveniences of development are for the server's own pages alone.
 */
function guardOrigins(app: FastifyInstance, policy: OriginPolicy): void {
  const isAllowed = (origin: string, request: FastifyRequest) =>
    policy(origin, request.host) && (!isForConveniences(request) || isOwnOrigin(origin, request.host));
  app.addHook('onRequest', (request, _reply, next) => {
    const { origin } = request.headers;
    const refused = origin !== undefined && !readOnly.has(request.method) && !isAllowed(origin, request);
    next(refused ? errors.ORIGIN_REFUSED() : undefined);
  });
  void app.register(cors, {
    delegator: (request, decide) => {
      const { origin } = request.headers;
      decide(null, {
        origin: origin === undefined || isAllowed(origin, request),
        // For the cookie of a session; without an origin there is nobody to allow anything.
        credentials: origin !== undefined,
        methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
        exposedHeaders: [
          'X-Request-Id',
          'Retry-After',
          'RateLimit',
          'RateLimit-Policy',
          'Idempotency-Replayed',
          'DPoP-Nonce',
          'WWW-Authenticate',
          'Accept-Ranges',
          'Content-Disposition',
          'Content-Range',
          'ETag',
        ],
        maxAge: 600,
        // An OPTIONS that is no preflight gets the same list of methods.
        strictPreflight: false,
      });
    },
  });
}
