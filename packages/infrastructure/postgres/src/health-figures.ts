import type { HealthFigures } from '@coucou/application/ports/health-figures';
import type { SessionPool } from './kit/session.ts';
import { oldestTransaction } from './oldest-transaction.ts';
import type { OutboxStore } from './outbox/outbox-store.ts';

/**
 * Rows of the large tables are the planner's estimate: counting them would read them. -1 is what no statistics are there for yet.
 */
const FIGURES = `
  select (pg_database_size(current_database()) / 1048576)::float as "databaseMiB",
    (select count(*) from pg_stat_activity where datname = current_database())::float as connections,
    (select reltuples from pg_class where oid = 'app_user'::regclass)::float as "usersEstimated",
    (select reltuples from pg_class where oid = 'message'::regclass)::float as "messagesEstimated",
    (select reltuples from pg_class where oid = 'audit_entry'::regclass)::float as "auditEntriesEstimated"`;

export const createHealthFigures = (pool: SessionPool, outbox: Pick<OutboxStore, 'lag'>): HealthFigures => ({
  async read() {
    const { rows } = await pool.use((session) => session.query<Record<string, number>>(FIGURES, [], 'health-figures'));
    const { waiting, oldestSeconds, dead } = await outbox.lag();
    const longestTransactionSeconds = await oldestTransaction(pool);
    const figures = {
      ...rows[0],
      longestTransactionSeconds,
      outboxWaiting: waiting,
      outboxOldestSeconds: oldestSeconds,
      deadLetters: dead,
    };
    return Object.fromEntries(Object.entries(figures).map(([name, value]) => [name, Math.round(value)]));
  },
});
