/** Where a worker has looked: everything that transactions had committed in an earlier snapshot is done with. */
export type Window = Readonly<{
  /** Transactions that were still open in that snapshot, separated by commas: whatever they stored is new. */
  open: string;
  /** Where the next page begins: behind this transaction's event of this id. */
  from: string;
  after: string;
  /** Where the window ends, and the snapshot behind it; absent until its first page. */
  end?: Readonly<{ before: string; snapshot: string }>;
}>;

const NO_ID = '00000000-0000-0000-0000-000000000000';

/** Everything there is. */
export const START: Window = { open: '', from: '0', after: NO_ID };

/** `xmin:xmax:xip,xip,…`, the text of a `pg_snapshot`. */
const parts = (snapshot: string): readonly string[] => snapshot.split(':');

export type Page = Readonly<{
  snapshot: string;
  /** Whether there may be more in the window. */
  isFull: boolean;
  /** Of what the transactions that were open stored. */
  hasLate: boolean;
  last: Readonly<{ stored_by: string; id: string }> | undefined;
}>;

/** The window after a page of it. */
export function advance(window: Window, { snapshot, isFull, hasLate, last }: Page): Window {
  const end = window.end ?? { before: parts(snapshot)[1] ?? '0', snapshot };
  if (isFull)
    return {
      open: hasLate ? window.open : '',
      from: last?.stored_by ?? window.from,
      after: last?.id ?? window.after,
      end,
    };
  const [, next = '0', open = ''] = parts(end.snapshot);
  return { open, from: next, after: NO_ID };
}

/**
 * A snapshot says exactly which transactions are new since another: those from its end on, and those that were open then. So a
 * transaction that commits late is not skipped, and the index entries of what is done already are not read again, though a session
 * that idles in a transaction keeps them from being removed. $1 worker, $2 types, $3 limit, $4 the limit of what waited for a time,
 * $5 to $8 the window, $9 the lease in seconds, $10 whether an attempt begins.
 *
 * The time is asked once, in a subquery: a volatile function in a condition is no index condition.
 *
 * Claimed rows are updated by `ctid`. After a vacuum that finds nothing but dead rows the planner estimates one row, and a join by key would scan the
 * whole primary key, dead entries included. A row with a deduplication key that was updated meanwhile is found again by its due time.
 */
const claim = (worker: string) => `
  with waited as (
    select ctid as place from outbox
    where stored_by is null and claimed_by is null and dead_at is null and due_at <= (select clock_now()) and type = any($2)
    order by due_at limit $4 for update skip locked
  ),
  late as (
    select ctid as place from outbox
    where stored_by = any(string_to_array($5, ',')::xid8[]) and type = any($2)
    limit $3 - (select count(*) from waited) for update skip locked
  ),
  stored as (
    select ctid as place, stored_by, id from outbox
    where (stored_by, id) > ($6::xid8, $7::uuid) and stored_by < coalesce($8::xid8, pg_snapshot_xmax(pg_current_snapshot()))
      and stored_by is not null and type = any($2)
    order by stored_by, id limit $3 - (select count(*) from waited) - (select count(*) from late) for update skip locked
  ),
  due as (
    select place from waited union all
    select place from late union all
    select place from stored
  ),
  worker as (${worker}),
  claimed as (
    update outbox o set stored_by = null, claimed_by = $1::uuid, attempts = o.attempts + case when $10::boolean then 1 else 0 end,
      dedup_key = case when $10::boolean then null else o.dedup_key end
    where o.ctid = any(array(select place from due)) and exists (select from worker)
    returning o.account_id, o.id, o.type, o.payload, o.attempts
  ),
  last as (select stored_by::text as last_stored_by, id as last_id from stored order by stored.stored_by desc, id desc limit 1)
  select pg_current_snapshot()::text as snapshot, (select count(*) from waited) as waited, (select count(*) from late) as late,
    (select count(*) from stored) as stored, (select count(*) from worker) as workers,
    l.last_stored_by, l.last_id, c.account_id, c.id, c.type, c.payload, c.attempts
  from (values (1)) one(one) left join last l on true left join claimed c on true`;

/**
 * Events of transactions that this cluster has not begun yet come from another one, by a dump that was restored. Their numbers say nothing
 * here, and no window would reach them: they are found by their time, which has come.
 */
export const ADOPT = {
  name: 'outbox-adopt',
  params: [],
  text: 'update outbox set stored_by = null where stored_by >= pg_snapshot_xmax(pg_current_snapshot())',
};

/** Of a worker whose lease is young: nothing is written unless something is due. */
export const CLAIM = {
  name: 'outbox-claim',
  text: claim('select w.id from outbox_worker w where w.id = $1::uuid and $9::integer > 0 and exists (select from due) for key share of w'),
};

/** Of one whose lease is old, or that has none yet. */
export const CLAIM_AND_RENEW = {
  name: 'outbox-claim-and-renew',
  text: claim(`
    insert into outbox_worker (id, lease_until)
    select $1::uuid, clock_now() + make_interval(secs => $9::integer) from (select from due limit 1) first_due
    on conflict (id) do update set lease_until = excluded.lease_until returning id`),
};

export type ClaimRow = Readonly<{
  snapshot: string;
  waited: number;
  late: number;
  stored: number;
  workers: number;
  account_id: string;
  id: string | null;
  type: string;
  payload: Record<string, unknown>;
  attempts: number;
  last_stored_by: string | null;
  last_id: string | null;
}>;
