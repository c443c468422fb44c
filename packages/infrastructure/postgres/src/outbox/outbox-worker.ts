import { randomUUID } from 'node:crypto';
import type { DurableEvent } from '@coucou/application/kernel/event';
import type { Rows, Session, SessionPool } from '../kit/session.ts';
import { fenced, isClaimLost } from '../transactions/fence.ts';
import { asSystem, askAsSystem, type Statement } from '../transactions/transaction.ts';
import { ADOPT, advance, CLAIM, CLAIM_AND_RENEW, type ClaimRow, START, type Window } from './claim.ts';

/** `attempts` counts the deliveries begun, this one included. */
export type ClaimedEvent = Readonly<{ event: DurableEvent; attempts: number }>;
export type Claim = Readonly<{
  events: readonly ClaimedEvent[];
  more: boolean /** The worker's id under which they are claimed. */;
  by: string;
}>;
/** `retryInMs`: absent for a dead letter. `counts: false` takes the attempt back. */
export type FailedEvent = Readonly<{ event: DurableEvent; reason: string; retryInMs: number | undefined; counts: boolean }>;

/** How long a worker that says nothing keeps its claims, in seconds. */
export const LEASE_SECONDS = 8;
/** Everything is looked at again this often: after a fail-over that lost transactions, their numbers are given again. */
const RESCAN_MS = 300_000;
/** How much of a claim may be what waited for a time: a heap of retries does not keep out what is new. */
const WAITED_SHARE = 4;
const REASON_LENGTH = 1_000;

/** One index look-up for each row, whatever the planner's estimates are (see the claim). */
const DONE = `
  delete from outbox where claimed_by is not distinct from $3 and ctid = any(array(
    select found.place from unnest($1::uuid[], $2::uuid[]) k(account_id, id)
    cross join lateral (select o.ctid as place from outbox o where o.account_id = k.account_id and o.id = k.id limit 1) found))`;

export const FAILED = `
  update outbox o set claimed_by = null, running_since = null, last_error = f.reason, attempts = o.attempts - case when f.counts then 0 else 1 end,
    due_at = case when f.retry_ms is null then o.due_at else clock_now() + f.retry_ms * interval '1 millisecond' end,
    dead_at = case when f.retry_ms is null then clock_now() end
  from json_to_recordset($1::json) f(account_id uuid, id uuid, reason text, retry_ms float, counts boolean)
  where o.account_id = f.account_id and o.id = f.id and o.claimed_by = $2`;

export const RENEW = `update outbox_worker set lease_until = clock_now() + make_interval(secs => $2) where id = $1`;
/** One at a time, and never one whose effect is about to commit. */
const EXPIRED = `
  delete from outbox_worker w using (select id from outbox_worker where lease_until < clock_now() for update skip locked) e
  where w.id = e.id returning w.id`;
/** A statement of its own, which sees what an expired worker had claimed until its row was locked. */
export const RELEASE = 'update outbox set claimed_by = null, running_since = null where claimed_by = any($1::uuid[])';
const HELD = 'select id from outbox where claimed_by = $1';

/** Nobody waits for the disk: a claim that is lost in a crash is made again, and what was done is done again, which is harmless. */
export const UNSYNCED = 'set local synchronous_commit = off';
/** Index scans that end at the limit: without statistics the planner would take the whole table, or sort it. */
const CLAIMING = `${UNSYNCED}; set local enable_seqscan = off; set local enable_bitmapscan = off`;

type Cursor = { window: Window; rescanAt: number };

/** What workers of one process share: one that finds a dead one makes all of them look again at everything. */
export type Workers = Readonly<{ pool: SessionPool; cursors: Set<Cursor & { readonly types: readonly string[] }> }>;

export const inSystem = <T>({ pool }: Workers, work: (session: Session) => Promise<T>): Promise<T> => asSystem(pool, 'outbox', work);
export const ask = <R>({ pool }: Workers, statement: Statement, settings: string = UNSYNCED, before?: Statement): Promise<Rows<R>> =>
  askAsSystem(pool, statement, settings, before);

/** Takes back what workers had claimed that said nothing for a lease; answers how many there were. */
export async function releaseExpired(workers: Workers): Promise<number> {
  const gone = await inSystem(workers, async (session) => {
    const { rows } = await session.query<{ id: string }>(EXPIRED, [], 'outbox-expired');
    if (rows.length > 0) await session.query(RELEASE, [rows.map(({ id }) => id)], 'outbox-release');
    return rows.length;
  });
  // What it was about to claim was locked, and passed over by everybody else.
  if (gone > 0) for (const cursor of workers.cursors) cursor.window = START;
  return gone;
}

/** `runs: false`: it hands on what it claims, so that no attempt begins with a claim. */
type WorkerOptions = Readonly<{ runs?: boolean }>;

/**
 * Claims events of some types, and finishes them one claim after the other. A worker holds all its claims under one lease. Another worker
 * that finds the lease expired takes the claims back; from then on the first is fenced off: nothing that it does with them has an effect.
 */
export function createOutboxWorker(workers: Workers, types: readonly string[], { runs = true }: WorkerOptions = {}) {
  let id: string = randomUUID();
  let renewAt = 0;
  const cursor = { window: START, rescanAt: performance.now() + RESCAN_MS, types };

  const renewed = (): void => {
    renewAt = performance.now() + (LEASE_SECONDS * 1_000) / 3;
  };
  /** Its claims return when the lease of this id ends. */
  const abandon = (): void => {
    id = randomUUID();
    renewAt = 0;
    cursor.window = START;
  };
  /** What a failed statement did is unknown. */
  async function orAbandon<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      abandon();
      throw error;
    }
  }

  const doneWith = (events: readonly DurableEvent[]): Statement => ({
    text: DONE,
    params: [events.map(({ account }) => account), events.map((event) => event.id), id],
    name: 'outbox-done',
  });

  async function claim(limit: number, finished: readonly DurableEvent[] = []): Promise<Claim> {
    workers.cursors.add(cursor);
    const now = performance.now();
    if (now >= cursor.rescanAt) Object.assign(cursor, { window: START, rescanAt: now + RESCAN_MS });
    const { window } = cursor;
    const by = id;
    if (window === START) await orAbandon(() => ask(workers, ADOPT));
    const renews = now >= renewAt;
    const fewWaited = Math.max(1, Math.ceil(limit / WAITED_SHARE));
    const params = [id, types, limit, fewWaited, window.open, window.from, window.after, window.end?.before ?? null, LEASE_SECONDS, runs];
    const before = finished.length === 0 ? undefined : doneWith(finished);
    const { rows } = await orAbandon(() => ask<ClaimRow>(workers, { ...(renews ? CLAIM_AND_RENEW : CLAIM), params }, CLAIMING, before));
    const [first] = rows;
    if (first === undefined) throw new Error('a claim answers at least its snapshot');
    const { snapshot, waited, late, stored, workers: registered, last_stored_by: lastStoredBy, last_id: lastId } = first;
    const due = waited + late + stored;
    if (due > 0 && registered === 0) {
      // Taken for dead: what it had is another's.
      abandon();
      return { events: [], more: true, by: id };
    }
    if (due > 0 && renews) renewed();
    // While it was asked, another may have found a dead worker.
    if (cursor.window === window) {
      const last = lastStoredBy === null || lastId === null ? undefined : { stored_by: lastStoredBy, id: lastId };
      const page = { snapshot, isFull: due >= limit, hasLate: late >= limit - waited, last };
      cursor.window = advance(window, page);
    }
    return {
      events: rows.flatMap((row) => (row.id === null ? [] : [{ event: eventOf(row, row.id), attempts: row.attempts }])),
      more: due >= limit || waited >= fewWaited || window.end !== undefined,
      by,
    };
  }

  return {
    /** Events that are due, and in the same transaction the end of those that are `finished`. */
    claim,
    /** Runs work whose transactions commit only while the claims hold; answers whether they did. */
    async effect(work: () => Promise<void>, { synced = true }: Readonly<{ synced?: boolean }> = {}): Promise<boolean> {
      try {
        await fenced(id, work, { synced });
        return true;
      } catch (error) {
        if (!isClaimLost(error)) throw error;
        abandon();
        return false;
      }
    },
    async done(events: readonly DurableEvent[]): Promise<void> {
      await orAbandon(() => ask(workers, doneWith(events), CLAIMING));
    },
    async failed(failures: readonly FailedEvent[]): Promise<void> {
      await orAbandon(() => ask(workers, { text: FAILED, params: [failureRows(failures), id], name: 'outbox-failed' }));
    },
    /** Ids of the events that it has claimed and nobody has taken. */
    async held(): Promise<readonly string[]> {
      const { rows } = await ask<{ id: string }>(workers, { text: HELD, params: [id], name: 'outbox-held' });
      return rows.map((row) => row.id);
    },
    /** Keeps the lease while a claim takes long. */
    async renew(): Promise<void> {
      const mine = id;
      const { rowCount } = await ask(workers, { text: RENEW, params: [mine, LEASE_SECONDS], name: 'outbox-renew' });
      if (rowCount > 0 && mine === id) renewed();
    },
    /** Gives up what it holds, at once where no effect is about to commit: for one that is stuck in an effect. */
    async giveUp(): Promise<void> {
      const mine = id;
      abandon();
      await inSystem(workers, async (session) => {
        await session.query('delete from outbox_worker where id = $1', [mine], 'outbox-give-up');
        await session.query(RELEASE, [[mine]], 'outbox-release');
      });
    },
    releaseExpired: () => releaseExpired(workers),
    async close(): Promise<void> {
      workers.cursors.delete(cursor);
      if (renewAt > 0) await this.giveUp();
    },
  };
}

export const failureRows = (failures: readonly FailedEvent[]): string =>
  JSON.stringify(
    failures.map(({ event, reason, retryInMs, counts }) => ({
      account_id: event.account,
      id: event.id,
      // PostgreSQL stores neither a NUL nor half of a surrogate pair, which the cut may leave.
      reason: reason.replaceAll('\0', '').slice(0, REASON_LENGTH).toWellFormed(),
      retry_ms: retryInMs,
      counts,
    })),
  );

export const eventOf = (row: Pick<ClaimRow, 'account_id' | 'type' | 'payload'>, id: string): DurableEvent =>
  ({ ...row.payload, type: row.type, id, account: row.account_id }) as unknown as DurableEvent;
