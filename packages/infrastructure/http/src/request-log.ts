import type { FastifyBaseLogger, FastifyReply, FastifyRequest } from 'fastify';
import { addressOf } from './authenticate.ts';

/** Asked every few seconds by whatever watches the server. */
const isWatching = (route: string): boolean => route.startsWith('/health/') || route === '/metrics';

/** What proxies log for a client that did not wait; nobody is answered with it. */
export const CLIENT_CLOSED_REQUEST = 499;

/** One line per request. The route is the pattern: a URL holds ids, and whatever a client put there by mistake. */
export function logRequest(request: FastifyRequest, reply: FastifyReply, log: FastifyBaseLogger, status = reply.statusCode): void {
  const route = request.routeOptions.url ?? 'unknown';
  const userId = request.call?.actor?.userId;
  log[isWatching(route) ? 'debug' : 'info'](
    {
      requestId: request.id,
      method: request.method,
      route,
      status,
      durationMs: Math.round(reply.elapsedTime * 10) / 10,
      ...(userId === undefined ? {} : { userId }),
      ip: addressOf(request),
    },
    'request',
  );
}
