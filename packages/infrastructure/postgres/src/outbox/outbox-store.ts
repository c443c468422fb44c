import type { DurableEvent } from '@coucou/application/kernel/event';
import type { SessionPool } from '../kit/session.ts';
import { asSystem } from '../transactions/transaction.ts';

export type ClaimedEvent = Readonly<{ event: DurableEvent; attempts: number }>;

type OutboxRow = Readonly<{ account_id: string; id: string; type: string; payload: Record<string, unknown>; attempts: number }>;

/**
 * A claim moves an event's due time ahead (a lease), so that it returns if its runner dies; `SKIP LOCKED` lets runners
 * work concurrently.
 */
const CLAIM = `
  update outbox o set attempts = o.attempts + 1, due_at = clock_timestamp() + make_interval(secs => $2)
  from (
    select account_id, id from outbox where dead_at is null and due_at <= clock_timestamp() and type = any($3)
    order by due_at limit $1 for update skip locked
  ) due
  where o.account_id = due.account_id and o.id = due.id
  returning o.account_id, o.id, o.type, o.payload, o.attempts`;

const DONE = `
  delete from outbox o using unnest($1::uuid[], $2::uuid[]) k(account_id, id) where o.account_id = k.account_id and o.id = k.id`;

export function createOutboxStore(pool: SessionPool) {
  return {
    /** Takes what is due of these types, at most `limit`; each is taken back after `leaseSeconds` unless it is done or failed by then. */
    async claim(limit: number, types: readonly string[], leaseSeconds = 60): Promise<ClaimedEvent[]> {
      const { rows } = await asSystem(pool, 'outbox', (session) =>
        session.query<OutboxRow>(CLAIM, [limit, leaseSeconds, types], 'outbox-claim'),
      );
      return rows.map((row) => ({
        event: { ...row.payload, type: row.type, id: row.id, account: row.account_id } as unknown as DurableEvent,
        attempts: row.attempts,
      }));
    },
    async done(events: readonly DurableEvent[]): Promise<void> {
      const keys = [events.map(({ account }) => account), events.map(({ id }) => id)];
      await asSystem(pool, 'outbox', (session) => session.query(DONE, keys, 'outbox-done'));
    },
    /** Retried at `retryAt`; without one it is dead, and kept for inspection. `counts: false` takes the attempt back. */
    async failed(event: DurableEvent, reason: string, retryAt: Date | undefined, { counts = true } = {}): Promise<void> {
      const attempts = counts ? '' : ', attempts = attempts - 1';
      const set = `${retryAt === undefined ? 'dead_at = clock_timestamp()' : 'due_at = $4'}, last_error = $3${attempts}`;
      const params = [event.account, event.id, reason.slice(0, 1000), ...(retryAt === undefined ? [] : [retryAt])];
      await asSystem(pool, 'outbox', (session) => session.query(`update outbox set ${set} where account_id = $1 and id = $2`, params));
    },
    async countDue(): Promise<number> {
      const { rows } = await asSystem(pool, 'outbox', (session) =>
        session.query<{ due: number }>('select count(*) as due from outbox where dead_at is null and due_at <= clock_timestamp()'),
      );
      return rows[0]?.due ?? 0;
    },
  };
}

export type OutboxStore = ReturnType<typeof createOutboxStore>;
