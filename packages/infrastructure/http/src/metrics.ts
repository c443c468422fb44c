import { errors } from '@coucou/domain/kernel/errors';
import type { FastifyInstance, FastifyRequest } from 'fastify';

/** What `/metrics` answers, and to whom. */
export type MetricsDoor = Readonly<{
  contentType: string;
  text: () => Promise<string>;
  /** Whether this bearer token may read; takes the same time whatever it has in common with the right one. */
  isAllowed: (token: string) => boolean;
}>;

const bearerOf = ({ headers }: FastifyRequest): string => /^bearer +(\S+) *$/i.exec(headers.authorization ?? '')?.[1] ?? '';

/** `/metrics` on the main port, which strangers reach as well. */
export function mountMetrics(app: FastifyInstance, { contentType, text, isAllowed }: MetricsDoor): void {
  app.get('/metrics', async (request, reply) => {
    if (!isAllowed(bearerOf(request))) throw errors.UNAUTHENTICATED();
    return reply
      .header('cache-control', 'no-store')
      .header('content-type', contentType)
      .send(await text());
  });
}
