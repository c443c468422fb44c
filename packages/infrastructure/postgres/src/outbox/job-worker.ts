import { randomUUID } from 'node:crypto';
import type { DurableEvent } from '@coucou/application/kernel/event';
import type { Ticket } from '@coucou/application/ports/job-queue';
import { fenced, isClaimLost } from '../transactions/fence.ts';
import {
  ask,
  eventOf,
  FAILED,
  type FailedEvent,
  failureRows,
  inSystem,
  LEASE_SECONDS,
  RELEASE,
  RENEW,
  UNSYNCED,
  type Workers,
} from './outbox-worker.ts';

/** `attempts` counts this one. `claim`: what its ticket named. `by`: the id under which it was taken, which stays its own when the worker gets another. */
export type TakenEvent = Readonly<{ event: DurableEvent; attempts: number; claim: string; by: string }>;

/** $1 worker, $2 lease in seconds. */
const REGISTER = `
  insert into outbox_worker (id, lease_until) values ($1, clock_now() + make_interval(secs => $2))
  on conflict (id) do update set lease_until = excluded.lease_until`;

/**
 * Compare-and-set on the claim: an outdated or duplicated ticket takes nothing. Clearing the deduplication key lets the next event with it wait.
 * $1 worker, $2 to $4 the tickets.
 */
const TAKE = `
  with worker as (select w.id from outbox_worker w where w.id = $1::uuid for key share),
  taken as (
    update outbox o set claimed_by = $1::uuid, attempts = o.attempts + 1, running_since = clock_now(), dedup_key = null, progress = null
    from unnest($2::uuid[], $3::uuid[], $4::uuid[]) t(account_id, id, claim)
    where o.account_id = t.account_id and o.id = t.id and o.claimed_by = t.claim and exists (select from worker)
    returning o.account_id, o.id, o.type, o.payload, o.attempts, t.claim
  )
  select (select count(*) from worker) as workers, t.account_id, t.id, t.type, t.payload, t.attempts, t.claim
  from (values (1)) one(one) left join taken t on true`;

const DONE = `
  delete from outbox o using unnest($1::uuid[], $2::uuid[], $3::uuid[]) k(account_id, id, by)
  where o.account_id = k.account_id and o.id = k.id and o.claimed_by = k.by`;

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** What others put into Redis may be no ticket, and one that PostgreSQL cannot read would spoil the statement for all of them. */
const isTicket = ({ account, event, claim }: Ticket): boolean => [account, event, claim].every((id) => UUID.test(id));

/** Progress of jobs whose claim still holds. `skip locked` avoids a deadlock with `DONE`, which locks the same rows in another order. */
const PROGRESS = `
  with mine as (
    select o.account_id, o.id, p.progress
    from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::real[]) p(account_id, id, by, progress)
    join outbox o on o.account_id = p.account_id and o.id = p.id and o.claimed_by = p.by
    for update of o skip locked
  )
  update outbox o set progress = mine.progress from mine where o.account_id = mine.account_id and o.id = mine.id`;

type TakenRow = Readonly<{
  workers: number;
  account_id: string;
  id: string | null;
  type: string;
  payload: Record<string, unknown>;
  attempts: number;
  claim: string;
}>;

/**
 * Takes over events that dispatchers have claimed, each by itself, and finishes them. All that it has taken stands under one lease: once
 * somebody has found that expired, neither a transaction of an effect nor `done` nor `failed` has an effect any more.
 */
export function createJobWorker(workers: Workers) {
  let id: string = randomUUID();
  let renewAt = 0;

  /** What was taken under the old id stays good until its lease ends. */
  const abandon = (): void => {
    id = randomUUID();
    renewAt = 0;
  };
  /** What a failed statement did is unknown: what it took, and nobody runs, returns with the lease. */
  async function orAbandon<T>(work: () => Promise<T>): Promise<T> {
    const mine = id;
    try {
      return await work();
    } catch (error) {
      if (mine === id) abandon();
      throw error;
    }
  }
  async function renew(): Promise<void> {
    const mine = id;
    await ask(workers, { text: REGISTER, params: [mine, LEASE_SECONDS], name: 'job-register' }, UNSYNCED);
    if (mine === id) renewAt = performance.now() + (LEASE_SECONDS * 1_000) / 3;
  }

  return {
    /** Those of them that are still to be run, and nobody else's now. */
    async take(given: readonly Ticket[]): Promise<readonly TakenEvent[]> {
      const tickets = given.filter(isTicket);
      if (tickets.length === 0) return [];
      if (performance.now() >= renewAt) await orAbandon(renew);
      const by = id;
      const params = [by, tickets.map(({ account }) => account), tickets.map(({ event }) => event), tickets.map(({ claim }) => claim)];
      const { rows } = await orAbandon(() => ask<TakenRow>(workers, { text: TAKE, params, name: 'job-take' }));
      // Taken for dead: under another id it may take what nobody has taken meanwhile.
      if (rows[0]?.workers === 0) abandon();
      return rows.flatMap((row) =>
        row.id === null ? [] : [{ event: eventOf(row, row.id), attempts: row.attempts, claim: row.claim, by }],
      );
    },
    /** Runs work whose transactions commit only while it is this worker's; answers whether they did. */
    async effect({ by }: TakenEvent, work: () => Promise<void>, { synced = true }: Readonly<{ synced?: boolean }> = {}): Promise<boolean> {
      try {
        await fenced(by, work, { synced });
        return true;
      } catch (error) {
        if (!isClaimLost(error)) throw error;
        if (by === id) abandon();
        return false;
      }
    },
    async done(taken: readonly TakenEvent[]): Promise<void> {
      const params = [taken.map(({ event }) => event.account), taken.map(({ event }) => event.id), taken.map(({ by }) => by)];
      await orAbandon(() => ask(workers, { text: DONE, params, name: 'job-done' }));
    },
    /** How far some are, from 0 to 1: for people to see, so that one that is lost matters to nobody. */
    async progress(told: readonly Readonly<{ taken: TakenEvent; share: number }>[]): Promise<void> {
      const params = [
        told.map(({ taken }) => taken.event.account),
        told.map(({ taken }) => taken.event.id),
        told.map(({ taken }) => taken.by),
        told.map(({ share }) => share),
      ];
      await ask(workers, { text: PROGRESS, params, name: 'job-progress' });
    },
    async failed({ by }: TakenEvent, failure: FailedEvent): Promise<void> {
      await orAbandon(() => ask(workers, { text: FAILED, params: [failureRows([failure]), by], name: 'outbox-failed' }));
    },
    /** Keeps the lease of what it has taken; one that is gone is not taken up again. */
    async renew(): Promise<void> {
      const mine = id;
      if (renewAt === 0) return;
      const { rowCount } = await ask(workers, { text: RENEW, params: [mine, LEASE_SECONDS], name: 'outbox-renew' });
      if (mine !== id) return;
      if (rowCount > 0) renewAt = performance.now() + (LEASE_SECONDS * 1_000) / 3;
      else abandon();
    },
    /** Gives up what was taken under this id, at once where no effect is about to commit. */
    async giveUp(by: string = id): Promise<void> {
      if (by === id) abandon();
      await inSystem(workers, async (session) => {
        await session.query('delete from outbox_worker where id = $1', [by], 'outbox-give-up');
        await session.query(RELEASE, [[by]], 'outbox-release');
      });
    },
    async close(): Promise<void> {
      if (renewAt > 0) await this.giveUp();
    },
  };
}
