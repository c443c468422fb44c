import { metrics as catalogue } from '@coucou/application/metrics/catalogue';
import type { AuditChain } from '@coucou/application/ports/audit-chain';
import type { Metrics } from '@coucou/application/ports/metrics';
import type { SessionPool } from './kit/session.ts';
import { oldestTransaction } from './oldest-transaction.ts';
import type { OutboxStore } from './outbox/outbox-store.ts';

/** Pools by name: the embedded database has one for all. */
export type NamedPools = Readonly<Record<string, SessionPool>>;

/** What is read of the database when somebody asks for it. */
export function measureStorage(
  metrics: Metrics,
  pools: NamedPools & Readonly<{ main: SessionPool }>,
  { outbox, auditChain }: Readonly<{ outbox: Pick<OutboxStore, 'lag'>; auditChain: Pick<AuditChain, 'lag'> }>,
): void {
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

  const { main } = pools;
  metrics.gauge(catalogue.oldestTransaction, async () => [{ labels: {}, value: await oldestTransaction(main) }]);

  const look = shared(() => outbox.lag());
  metrics.gauge(catalogue.outboxDue, async () => [{ labels: {}, value: (await look()).waiting }]);
  metrics.gauge(catalogue.outboxLag, async () => [{ labels: {}, value: (await look()).oldestSeconds }]);
  metrics.gauge(catalogue.outboxDead, async () => [{ labels: {}, value: (await look()).dead }]);

  const lookAtSeals = shared(() => auditChain.lag());
  metrics.gauge(catalogue.auditUnsealed, async () => [{ labels: {}, value: (await lookAtSeals()).waiting }]);
  metrics.gauge(catalogue.auditSealLag, async () => [{ labels: {}, value: (await lookAtSeals()).oldestSeconds }]);
}

/** Those who ask meanwhile get the same answer: figures that belong together are of one look. */
function shared<T>(look: () => Promise<T>): () => Promise<T> {
  let looking: Promise<T> | undefined;
  return () =>
    (looking ??= look().finally(() => {
      looking = undefined;
    }));
}
