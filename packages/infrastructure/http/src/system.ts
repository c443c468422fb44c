import type { FastifyInstance } from 'fastify';
import type { HealthCheck } from '@coucou/application/ports/health';
import { createReadiness } from './health.ts';
import { type MetricsDoor, mountMetrics } from './metrics.ts';

export type SystemOptions = Readonly<{
  health: readonly HealthCheck[];
  /** Made at their first request: by then the server knows where it listens. */
  documents: Readonly<{ openapi: () => Promise<object>; asyncapi: () => Promise<object> }>;
  /** What clients learn about this server before they sign in. */
  discovery: object;
  version: string;
  /** Absent where metrics are not served on this port. */
  metricsDoor?: MetricsDoor | undefined;
  /** The public keys of access tokens, as a JSON Web Key Set (RFC 7517). */
  jwks: () => Promise<object>;
}>;

/** How long a balancer may leave a server alone that is not ready. */
const READY_AGAIN_SECONDS = '1';

const JSON_TYPE = 'application/json; charset=utf-8';

/** System endpoints: public, without the API prefix, and not operations of the product. */
export function mountSystem(app: FastifyInstance, { health, documents, discovery, version, jwks, metricsDoor }: SystemOptions): void {
  if (metricsDoor !== undefined) mountMetrics(app, metricsDoor);
  const readiness = createReadiness(health, app.log);

  for (const path of ['/health', '/health/live'])
    app.get(path, (_request, reply) => reply.header('cache-control', 'no-store').send({ status: 'up' }));

  app.get('/health/ready', async (_request, reply) => {
    const { status, checks } = await readiness();
    if (status === 'down') reply.code(503).header('retry-after', READY_AGAIN_SECONDS);
    return reply.header('cache-control', 'no-store').send({ status, checks, version, uptimeSeconds: Math.floor(process.uptime()) });
  });

  app.get('/.well-known/jwks.json', async (_request, reply) => reply.header('cache-control', 'public, max-age=300').send(await jwks()));

  app.get('/.well-known/coucou', (_request, reply) => reply.header('cache-control', 'public, max-age=300').send(discovery));

  for (const name of ['openapi', 'asyncapi'] as const) {
    let text: string | undefined;
    app.get(`/${name}.json`, async (_request, reply) => {
      text ??= JSON.stringify(await documents[name]());
      return reply.header('cache-control', 'public, max-age=60').header('content-type', JSON_TYPE).send(text);
    });
  }
}
