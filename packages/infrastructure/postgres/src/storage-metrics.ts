import { metrics as catalogue } from '@coucou/application/metrics/catalogue';
import type { Metrics } from '@coucou/application/ports/metrics';
import type { SessionPool } from './kit/session.ts';
import type { OutboxLag, OutboxStore } from './outbox/outbox-store.ts';

/** Pools by name: the embedded database has one for all. */
export type NamedPools = Readonly<Record<string, SessionPool>>;

/** What is read of the database when somebody asks for it. */
export function measureStorage(metrics: Metrics, pools: NamedPools, outbox: Pick<OutboxStore, 'lag'>): void {
  const named = Object.entries(pools);
  metrics.gauge(catalogue.databaseConnections, () =>
    named.flatMap(([pool, { load }]) => {
      const known = load?.();
      if (known === undefined) return [];
      const { busy, idle } = known;
      return [
        { labels: { pool, state: 'busy' }, value: busy },
        { labels: { pool, state: 'idle' }, value: idle },
      ];
    }),
  );
  metrics.gauge(catalogue.databaseWaiting, () =>
    named.flatMap(([pool, { load }]) => (load === undefined ? [] : [{ labels: { pool }, value: load().waiting }])),
  );

  // All figures are of one look.
  let looking: Promise<OutboxLag> | undefined;
  const look = () =>
    (looking ??= outbox.lag().finally(() => {
      looking = undefined;
    }));
  metrics.gauge(catalogue.outboxDue, async () => [{ labels: {}, value: (await look()).waiting }]);
  metrics.gauge(catalogue.outboxLag, async () => [{ labels: {}, value: (await look()).oldestSeconds }]);
  metrics.gauge(catalogue.outboxDead, async () => [{ labels: {}, value: (await look()).dead }]);
}
