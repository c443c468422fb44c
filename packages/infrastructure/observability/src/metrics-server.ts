import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Exposition } from './exposition.ts';

export type MetricsServerOptions = Exposition &
  Readonly<{
    /** Whether this bearer token may read; asked with an empty one where none is given. */ isAllowed: (token: string) => boolean;
  }>;

const PATH = '/metrics';
const TIMEOUT_MS = 10_000;

const bearerOf = ({ headers }: IncomingMessage): string => /^bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1] ?? '';

/** A server of its own for `/metrics`, for a port that only monitoring reaches. */
export function createMetricsServer({ contentType, text, isAllowed }: MetricsServerOptions): Server {
  function refuse(response: ServerResponse, status: number, headers: Readonly<Record<string, string>> = {}): void {
    response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', ...headers }).end(`${status}\n`);
  }
  return createServer({ headersTimeout: TIMEOUT_MS, requestTimeout: TIMEOUT_MS }, (request, response) => {
    // Whoever asks is told nothing but that: bodies are not read.
    request.resume();
    if (request.url?.split('?', 1)[0] !== PATH) return refuse(response, 404);
    if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(response, 405, { allow: 'GET, HEAD' });
    if (!isAllowed(bearerOf(request))) return refuse(response, 401, { 'www-authenticate': 'Bearer' });
    text().then(
      (body) => response.writeHead(200, { 'content-type': contentType, 'cache-control': 'no-store' }).end(body),
      () => refuse(response, 500),
    );
  });
}
