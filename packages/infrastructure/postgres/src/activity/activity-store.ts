import type { LoggedConnection } from '@coucou/domain/activity/connection';
import type { PresenceEntry } from '@coucou/domain/activity/presence-entry';
import type { SessionPool } from '../kit/session.ts';
import { askAsSystem } from '../transactions/transaction.ts';
import { version } from '../version.ts';

/** One life of a server process, under the name of its node. */
export type NodeRun = Readonly<{
  id: string;
  node: string;
  /** Nodes share the presence of people, and note themselves whom a node that is gone leaves offline. */
  sharesPresence?: boolean;
}>;

/**
 * A connection that was stored open gets its end; one whose beginning was lost is stored with it. Whether the run is known: nobody ends what one
 * that is not has left open.
 */
const CONNECTIONS = `
  with written as (
  insert into connection_log (account_id, id, user_id, session_id, run_id, node, transport, ip, user_agent, connected_at, ended_at, end_reason)
  select c.account_id, c.id, c.user_id, c.session_id, $1::uuid, $2::text, c.transport, c.ip, c.user_agent, c.connected_at, c.ended_at, c.end_reason
  from unnest($3::uuid[], $4::uuid[], $5::uuid[], $6::uuid[], $7::text[], $8::text[], $9::text[], $10::timestamptz[], $11::timestamptz[], $12::text[])
    c(account_id, id, user_id, session_id, transport, ip, user_agent, connected_at, ended_at, end_reason)
  on conflict (account_id, id) do update
    set transport = excluded.transport, ended_at = excluded.ended_at, end_reason = excluded.end_reason where excluded.ended_at is not null)
  select exists (select from node_run r where r.id = $1::uuid) as known`;

/** Of a statement whose answer was lost, the entries are there already. */
const PRESENCE = `
  insert into presence_log (account_id, user_id, at, id, status)
  select * from unnest($1::uuid[], $2::uuid[], $3::timestamptz[], $4::uuid[], $5::text[])
  on conflict do nothing`;

const SEEN = 'update node_run set seen_at = clock_now() where id = $1';
const ENTER = `insert into node_run (id, node, version, seen_at) values ($1, $2, $3, clock_now()) on conflict (id) do nothing`;
/** What others took for ended, since this process was away from the database, and is not. */
const REOPEN = `update connection_log set ended_at = null, end_reason = null where run_id = $1 and end_reason = 'unknown'`;

/**
 * Ends what the runs `gone` left open at the time that they were last seen, and notes that its people went offline, unless they were
 * connected elsewhere by then, or other nodes note it. In milliseconds, as all other entries: cursors hold no more.
 */
const closing = (gone: string, others: string): string => `
  with gone as (${gone}),
  closed as (
    update connection_log c set ended_at = greatest(c.connected_at, date_trunc('milliseconds', g.seen_at)), end_reason = 'unknown'
    from gone g where c.run_id = g.id and c.ended_at is null
    returning c.account_id, c.user_id, c.ended_at),
  offline as (select account_id, user_id, max(ended_at) as at from closed group by account_id, user_id),
  noted as (
    insert into presence_log (account_id, user_id, at, id, status)
    select o.account_id, o.user_id, o.at, gen_random_uuid(), 'offline' from offline o
    where not ${others} and not exists (
      select from connection_log c where c.account_id = o.account_id and c.user_id = o.user_id and c.connected_at <= o.at
        and (c.ended_at is null or c.ended_at > o.at) and not exists (select from gone g where g.id = c.run_id)))
  select count(*)::integer as closed from closed`;

/** $1 seconds, $2 the run that asks, $3 whether other nodes note who is offline. Its own is never gone. */
const CLOSE_GONE = closing(
  'delete from node_run where seen_at < (select clock_now()) - make_interval(secs => $1) and id <> $2 returning id, seen_at',
  '$3::boolean',
);
const LEAVE = closing('delete from node_run where id = $1 returning id, clock_now() as seen_at', '$2::boolean');

/** $1 the run that asks, $2 the id of the Redis that it sees, $3 seconds within which others were seen. */
const NOTE_REDIS = `
  with noted as (update node_run set redis_id = $2, seen_at = clock_now() where id = $1)
  select distinct redis_id from node_run
  where id <> $1 and redis_id is not null and seen_at > (select clock_now()) - make_interval(secs => $3)`;

/** Nobody waits for the disk: what a crash of the database loses are lines of a log. */
const UNSYNCED = 'set local synchronous_commit = off';

/** What the connection log and the presence log of all accounts are written by. */
export function createActivityStore(pool: SessionPool) {
  const ask = (name: string, text: string, params: readonly unknown[]) =>
    askAsSystem<{ closed?: number; known?: boolean; redis_id?: string }>(pool, { name, text, params }, UNSYNCED);
  /** Says that the run is alive. One that was taken for gone has its connections open again. */
  async function seen({ id, node }: NodeRun): Promise<void> {
    const { rowCount } = await ask('activity-seen', SEEN, [id]);
    if (rowCount > 0) return;
    await ask('activity-enter', ENTER, [id, node, version]);
    await ask('activity-reopen', REOPEN, [id]);
  }
  return {
    /** By one statement; each connection once. A run that others took for gone says that it is alive. */
    async writeConnections(run: NodeRun, connections: readonly LoggedConnection[]): Promise<void> {
      const column = <T>(of: (connection: LoggedConnection) => T): T[] => connections.map(of);
      const { rows } = await ask('activity-write-connections', CONNECTIONS, [
        run.id,
        run.node,
        column(({ accountId }) => accountId),
        column(({ id }) => id),
        column(({ userId }) => userId),
        column(({ sessionId }) => sessionId),
        column(({ transport }) => transport),
        column(({ ip }) => ip),
        column(({ userAgent }) => userAgent),
        column(({ connectedAt }) => connectedAt),
        column(({ ended }) => ended?.at ?? null),
        column(({ ended }) => ended?.reason ?? null),
      ]);
      if (rows[0]?.known !== true) await seen(run);
    },
    /** By one statement. */
    async writePresence(entries: readonly PresenceEntry[]): Promise<void> {
      const column = <T>(of: (entry: PresenceEntry) => T): T[] => entries.map(of);
      await ask('activity-write-presence', PRESENCE, [
        column(({ accountId }) => accountId),
        column(({ userId }) => userId),
        column(({ at }) => at),
        column(({ id }) => id),
        column(({ status }) => status),
      ]);
    },
    seen,
    /** Ends the connections of other runs that were not seen for so many seconds; answers how many. */
    async closeGone({ id, sharesPresence = false }: NodeRun, afterSeconds: number): Promise<number> {
      const { rows } = await ask('activity-close', CLOSE_GONE, [afterSeconds, id, sharesPresence]);
      return rows[0]?.closed ?? 0;
    },
    /** Writes which Redis the run sees, if any; answers the ids of those that others see who were seen within so many seconds. */
    async noteRedis({ id }: NodeRun, redisId: string | undefined, withinSeconds: number): Promise<readonly string[]> {
      const { rows } = await ask('activity-redis', NOTE_REDIS, [id, redisId ?? null, withinSeconds]);
      return rows.flatMap(({ redis_id: other }) => other ?? []);
    },
    /** The run ends; what it could not write the end of is ended now. */
    async leave({ id, sharesPresence = false }: NodeRun): Promise<void> {
      await ask('activity-leave', LEAVE, [id, sharesPresence]);
    },
  };
}

export type ActivityStore = ReturnType<typeof createActivityStore>;
