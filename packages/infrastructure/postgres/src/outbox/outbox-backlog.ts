import type { SessionPool } from '../kit/session.ts';
import { asSystem } from '../transactions/transaction.ts';

/** What a look counts at most: a backlog beyond it is a backlog, and counting it would cost what is short then. */
const MOST_COUNTED = 100_000;

const BACKLOG = `
  select count(*) as due, coalesce(extract(epoch from clock_timestamp() - min(due_at)), 0)::float8 as lag_seconds
  from (select due_at from outbox where dead_at is null and due_at <= clock_timestamp() order by due_at limit ${MOST_COUNTED}) d`;

export type OutboxBacklog = Readonly<{ /** Events that are due and that no runner holds. */ due: number; lagSeconds: number }>;

/** How far behind the outbox is. */
export async function readOutboxBacklog(pool: SessionPool): Promise<OutboxBacklog> {
  const { rows } = await asSystem(pool, 'outbox', (session) => session.query<{ due: number; lag_seconds: number }>(BACKLOG));
  const [row] = rows;
  return { due: row?.due ?? 0, lagSeconds: row?.lag_seconds ?? 0 };
}
