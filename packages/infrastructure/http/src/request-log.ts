import { createCountCall, OTHER } from '@coucou/application/metrics/count-calls';
import type { Metrics } from '@coucou/application/ports/metrics';
import type { Operation } from '@coucou/contracts/kernel/operation';
import type { ReadyOperation } from '@coucou/application/kernel/execute';
import type { FastifyBaseLogger, FastifyReply, FastifyRequest } from 'fastify';
import { API_PREFIX } from './mount.ts';
import { requestFields } from './request-fields.ts';

/** Polled by monitoring: logged at debug level only. */
const isWatching = (route: string): boolean => route.startsWith('/health/') || route === '/metrics';

/** nginx's status for a client that disconnected. */
export const CLIENT_CLOSED_REQUEST = 499;

/** Called once for every request that has ended. */
export type NoteRequest = (request: FastifyRequest, reply: FastifyReply, status?: number) => void;

export type RequestLogOptions = Readonly<{ operations: readonly ReadyOperation<Operation>[]; metrics: Metrics; log: FastifyBaseLogger }>;

/** Logs and counts requests. */
export function createRequestLog({ operations, metrics, log }: RequestLogOptions): NoteRequest {
  const count = createCountCall(metrics, 'http');
  const operationOf = createOperationOf(operations);
  return (request, reply, status = reply.statusCode) => {
    const route = request.routeOptions.url ?? 'unknown';
    const operation = operationOf(request.method, route);
    // The request of a WebSocket lasts as long as the connection. Anybody may send the header with a call.
    if (request.headers.upgrade === undefined || operation !== OTHER) count(operation, status, reply.elapsedTime / 1_000);
    log[isWatching(route) ? 'debug' : 'info'](
      { ...requestFields(request), status, durationMs: Math.round(reply.elapsedTime * 10) / 10 },
      'request',
    );
  };
}

/** The name of the operation of a route, by method and pattern. */
function createOperationOf(operations: RequestLogOptions['operations']): (method: string, route: string) => string {
  const byRoute = new Map<string, Map<string, string>>();
  for (const { operation } of operations) {
    if (operation.http === undefined) continue;
    const route = `${API_PREFIX}${operation.http.path}`;
    const byMethod = byRoute.get(route) ?? new Map<string, string>();
    byRoute.set(route, byMethod.set(operation.http.method, operation.name));
  }
  return (method, route) => {
    const byMethod = byRoute.get(route);
    return byMethod?.get(method) ?? (method === 'HEAD' ? byMethod?.get('GET') : undefined) ?? OTHER;
  };
}
