import type { FastifyBaseLogger, FastifyReply, FastifyRequest } from 'fastify';
import { addressOf } from './authenticate.ts';

/** Polled by monitoring: logged at debug level only. */
const isWatching = (route: string): boolean => route.startsWith('/health/') || route === '/metrics';

/** nginx's status for a client that disconnected; for the log only. */
export const CLIENT_CLOSED_REQUEST = 499;

/** One line per request, with the route pattern: URLs may hold ids and secrets. */
export function logRequest(request: FastifyRequest, reply: FastifyReply, log: FastifyBaseLogger, status = reply.statusCode): void {
  const route = request.routeOptions.url ?? 'unknown';
  const { actor, program } = request.call ?? {};
  log[isWatching(route) ? 'debug' : 'info'](
    {
      requestId: request.id,
      method: request.method,
      route,
      status,
      durationMs: Math.round(reply.elapsedTime * 10) / 10,
      ...(actor !== undefined && { userId: actor.userId }),
      ...(program?.by === 'apiKey' && { apiKeyId: program.id }),
      ip: addressOf(request),
    },
    'request',
  );
}
