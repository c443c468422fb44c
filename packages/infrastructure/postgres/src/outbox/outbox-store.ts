import type { SessionPool } from '../kit/session.ts';
import { asSystem } from '../transactions/transaction.ts';
import { START } from './claim.ts';
import { createJobWorker } from './job-worker.ts';
import { createOutboxWorker, type Workers } from './outbox-worker.ts';

/** `waiting`: events that are due and not claimed; `oldestSeconds`: for how long the first of them has been; `dead`: given up. */
export type OutboxLag = Readonly<{ waiting: number; oldestSeconds: number; dead: number }>;

/** More than so many are not counted one by one. */
const COUNTED = 100_000;

/** From where the workers of this process have looked: what is done is not read. $1 to $3 as in a claim, $4 types, null for all. */
const LAG = `
  with waiting as (
    (select due_at from outbox
      where (stored_by, id) > ($1::xid8, $2::uuid) and stored_by is not null and ($4::text[] is null or type = any($4)) limit ${COUNTED})
    union all
    (select due_at from outbox where stored_by = any(string_to_array($3, ',')::xid8[]) and ($4::text[] is null or type = any($4)))
    union all
    (select due_at from outbox
      where stored_by is null and claimed_by is null and dead_at is null and due_at <= (select clock_now())
        and ($4::text[] is null or type = any($4)) limit ${COUNTED})
  )
  select (select count(*) from waiting) as waiting,
    (select coalesce(greatest(extract(epoch from clock_now() - min(due_at)), 0), 0)::float from waiting) as oldest_seconds,
    (select count(*) from outbox where dead_at is not null) as dead`;

export function createOutboxStore(pool: SessionPool) {
  const workers: Workers = { pool, cursors: new Set() };
  return {
    worker: (types: readonly string[]) => createOutboxWorker(workers, types),
    dispatcher: (types: readonly string[]) => createOutboxWorker(workers, types, { runs: false }),
    jobWorker: () => createJobWorker(workers),
    /** How far behind the outbox is; of all events where this process has no worker. */
    async lag(): Promise<OutboxLag> {
      const cursors = [...workers.cursors];
      const [first = { window: START }] = cursors.toSorted((a, b) => (BigInt(a.window.from) < BigInt(b.window.from) ? -1 : 1));
      const open = [...new Set(cursors.flatMap(({ window }) => (window.open === '' ? [] : window.open.split(','))))].join(',');
      const params = [first.window.from, first.window.after, open, cursors.length === 0 ? null : cursors.flatMap(({ types }) => types)];
      const { rows } = await asSystem(pool, 'outbox', (session) =>
        session.query<{ waiting: number; oldest_seconds: number; dead: number }>(LAG, params, 'outbox-lag'),
      );
      const [{ waiting, oldest_seconds, dead } = { waiting: 0, oldest_seconds: 0, dead: 0 }] = rows;
      return { waiting, oldestSeconds: oldest_seconds, dead };
    },
  };
}

export type OutboxStore = ReturnType<typeof createOutboxStore>;
