import type { FastifyRequest } from 'fastify';
import { addressOf } from './authenticate.ts';

/** What every log line about a request says of it. The pattern of the route: URLs may hold ids and secrets. */
export function requestFields(request: FastifyRequest): Readonly<Record<string, string>> {
  const { account, actor, program } = request.call ?? {};
  return {
    requestId: request.id,
    method: request.method,
    route: request.routeOptions.url ?? 'unknown',
    ...(account !== undefined && { accountId: account }),
    ...(actor !== undefined && { userId: actor.userId, sessionId: actor.sessionId }),
    ...(program?.by === 'apiKey' && { apiKeyId: program.id }),
    ip: addressOf(request),
  };
}
