import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { metrics as catalogue } from '@coucou/application/metrics/catalogue';
import { accessChanged } from '@coucou/application/auth/access-events';
import type { EventBus } from '@coucou/application/ports/event-bus';
import type { MetricsDoor } from '@coucou/http/metrics';
import type { ReadableMetrics } from '@coucou/observability/metrics';
import { createSameSecret } from '../composition/same-secret.ts';
import type { Config } from '../config.ts';
import { version } from '../version.ts';
import { addressOf, explainListenError } from './listen.ts';
import type { Undo } from './undo.ts';

export type ServedMetrics = Readonly<{
  /** `/metrics` on the main port; absent where it is elsewhere or nowhere. */
  door: MetricsDoor | undefined;
  /** The address of `/metrics` once it is served, given that of the main port; undefined where it is not. */
  listen: (mainUrl: string) => Promise<string | undefined>;
}>;

type Configured = Pick<Config, 'metrics' | 'host' | 'instanceId'>;

/** Counts what the whole server knows of, and serves the metrics where the configuration says. Throws a `StartError` for what an operator can correct. */
export async function openMetrics(
  { metrics: { port, token }, host, instanceId }: Configured,
  { metrics, own }: Readonly<{ metrics: ReadableMetrics /** What this node announces. */; own: Pick<EventBus, 'subscribe'> }>,
  undo: Undo,
): Promise<ServedMetrics> {
  const uncount = countRevocations(metrics, own);
  undo.push(async () => uncount());
  if (port === undefined && token === undefined) return { door: undefined, listen: async () => undefined };
  metrics.gauge(catalogue.info, () => [{ labels: { version, node: instanceId }, value: 1 }]);
  // Its code is loaded where it is used, and only then are the garbage collector and the event loop watched.
  const { createExposition } = await import('@coucou/observability/exposition');
  const isAllowed = token === undefined ? () => true : createSameSecret(token);
  const door = { ...createExposition(metrics), isAllowed };
  if (port === undefined) return { door, listen: async (mainUrl) => `${mainUrl}/metrics` };
  const { createMetricsServer } = await import('@coucou/observability/metrics-server');
  const server = createMetricsServer(door);
  return {
    door: undefined,
    async listen() {
      try {
        await once(server.listen({ host, port }), 'listening');
      } catch (error) {
        throw explainListenError(error, { host, port, setting: 'METRICS_PORT' });
      }
      undo.push(async () => {
        server.close();
        server.closeAllConnections();
      });
      return `${addressOf(server.address() as AddressInfo, host)}/metrics`;
    },
  };
}

/** Counts the sessions that this node ended, once their end is committed. */
function countRevocations(metrics: ReadableMetrics, own: Pick<EventBus, 'subscribe'>): () => void {
  return own.subscribe((announced) => {
    for (const { type, tellings } of announced) {
      if (type !== accessChanged.type) continue;
      for (const { to } of tellings)
        if (to.kind === 'access' && to.change.is === 'ended')
          metrics.counter(catalogue.revocations, { reason: to.change.reason }).add(to.change.sessionIds.length);
    }
  });
}
