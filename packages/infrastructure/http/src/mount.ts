import type { Operation } from '@coucou/contracts/kernel/operation';
import type { Call } from '@coucou/application/kernel/call';
import { errors } from '@coucou/domain/kernel/errors';
import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest, onRequestHookHandler, RouteOptions } from 'fastify';
import type { Execute, Executed, ReadyOperation } from '@coucou/application/kernel/execute';
import type { Authenticate } from './authenticate.ts';
import { withIdempotencyKey } from './idempotency-key.ts';
import { isHeld } from './if-none-match.ts';
import { createReadInput } from './input.ts';
import { concernsCookie, type RefreshCookies } from './refresh-cookie.ts';

export const API_PREFIX = '/api/v1';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set once the caller is known; absent outside operations. */
    call: Call | undefined;
  }
}

/** Who calls, by token or by cookie. */
export type Callers = Readonly<{ authenticate: Authenticate; cookies: RefreshCookies }>;

export type MountOptions = Readonly<{
  prefix?: string;
  /** Runs before the caller is known. */
  guard?: onRequestHookHandler;
}>;

/** Mounts every operation with an HTTP route. */
export function mountOperations(
  app: FastifyInstance,
  operations: readonly ReadyOperation<Operation>[],
  execute: Execute,
  { authenticate, cookies }: Callers,
  { prefix = API_PREFIX, guard }: MountOptions = {},
): void {
  for (const ready of operations) {
    const { operation } = ready;
    const { http } = operation;
    // Files, redirects and signed bodies have routes of their own (files.ts, redirects.ts, signed-bodies.ts).
    if (http === undefined || http.file !== undefined || http.redirect === true || http.signed !== undefined) continue;
    const readInput = createReadInput(http, operation.input);
    const isCookied = concernsCookie(operation);
    const isConditional = operation.conditional === true;
    const route: RouteOptions = {
      method: http.method,
      url: `${prefix}${http.path}`,
      // Before the body is read, so that unauthorised calls are not parsed.
      onRequest: [
        ...(guard === undefined ? [] : [guard]),
        async (request) => {
          request.call = await authenticate(request, operation);
        },
      ],
      handler: async (request, reply) => {
        const input = readInput(request);
        const received = operation.idempotencyKey === undefined ? callOf(request) : withIdempotencyKey(callOf(request), request);
        if (isConditional) {
          const executed = await execute(ready, input, withCondition(received, request));
          const { status, tagged } = executed;
          return tagged === undefined ? answer(reply, status, executed.body) : answerTagged(reply, status, tagged);
        }
        if (!isCookied) {
          const { status, body, replayed } = await execute(ready, input, received);
          if (replayed === true) reply.header('idempotency-replayed', 'true');
          return answer(reply, status, body);
        }
        const call = await cookies.take(request, operation, input, received);
        const { status, body } = await execute(ready, input, call);
        return answer(reply, status, await cookies.give(request, reply, { operation, input, call, body }));
      },
    };
    if (http.ignoresBody === true) void app.register(withAnyBody(route));
    else app.route(route);
  }
}

/** Forms too, as mail programs send them: nothing of what comes is looked at. */
const withAnyBody =
  (route: RouteOptions): FastifyPluginAsync =>
  async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, _bytes, done) => done(null, undefined));
    scope.route(route);
  };

export function callOf({ call }: FastifyRequest): Call {
  if (call === undefined) throw errors.UNAUTHENTICATED();
  return call;
}

function withCondition(call: Call, { headers }: FastifyRequest): Call {
  const held = headers['if-none-match'];
  return held === undefined ? call : { ...call, holds: (etag) => isHeld(held, etag) };
}

export function answer(reply: FastifyReply, status: number, body: unknown): FastifyReply {
  // The handler timed out and was answered already.
  if (reply.sent) return reply;
  reply.code(status).header('cache-control', 'no-store');
  return body === undefined ? reply.send() : sendJson(reply, JSON.stringify(body));
}

/** Nothing between us and the client stores it (`no-store`): the tag is for clients that hold what they were answered. */
function answerTagged(reply: FastifyReply, status: number, { etag, text }: NonNullable<Executed['tagged']>): FastifyReply {
  if (reply.sent) return reply;
  reply.code(status).header('cache-control', 'no-store').header('etag', etag);
  return text === undefined ? reply.send() : sendJson(reply, text);
}

const sendJson = (reply: FastifyReply, text: string): FastifyReply =>
  reply.header('content-type', 'application/json; charset=utf-8').send(text);
