import { metrics as catalogue } from '@coucou/application/metrics/catalogue';
import type { Metrics } from '@coucou/application/ports/metrics';
import { ChatError } from '@coucou/domain/kernel/errors';
import { setTimeout as pause } from 'node:timers/promises';
import { isConnectionError, isRetryable } from '../kit/errors.ts';
import type { Session, SessionPool } from '../kit/session.ts';
import { standbyLineages } from './lineage.ts';
import type { Position } from './positions.ts';

/**
 * Why the primary answers. `behind`: the standby has not replayed what somebody may have seen. `ahead`: it shows what is not visible at the
 * primary yet. `conflict`: a row that it read was cleared away by the replay. `failed`: the statement failed, or took too long. `away`: it
 * does not answer. `foreign`: it is not a standby of this primary, or not any more. `unasked`: the primary did not say where it stands.
 */
export type Refusal = 'behind' | 'ahead' | 'conflict' | 'failed' | 'away' | 'foreign' | 'unasked';

export type ReadPools = Readonly<{
  /** For reads of what is committed synchronously. */
  synced: SessionPool;
  /** For reads of what asynchronous commits write as well. */
  all: SessionPool;
}>;

export type Standby = Readonly<{
  reads: ReadPools;
  /** Why it is not asked at the moment, and for how long; undefined while it is. */
  resting(): Readonly<{ why: Refusal; forMs: number }> | undefined;
  stop(): void;
}>;

type StandbyOptions = Readonly<{
  primary: SessionPool;
  /** Connections to the standby, which give up by themselves on one that does not answer. */
  standby: SessionPool;
  positions: () => Promise<Position>;
  metrics: Metrics;
}>;

/** How long a read waits for the replay, and how often it looks. */
const PATIENCE_MS = 20;
const LOOK_MS = 2;
/** How often a standby that is not used is tried. */
const TRY_MS = 250;

/** The replay is a moment behind what is visible on the standby, never before it. */
const REACHED = 'select pg_is_in_recovery() as follows, pg_last_wal_replay_lsn() >= $1::pg_lsn as reached';
/**
 * Which transactions are committed here of those that nobody saw at the primary: $1 were under way, and $2 is the first that was to come. None
 * is asked about that is still to come here.
 */
const COMMITTED = `
  select pg_is_in_recovery() as follows, array(
    select x.id::text
    from (select pg_snapshot_xmax(pg_current_snapshot())::text::bigint as next offset 0) here
    cross join lateral (select unnest($1::bigint[]) union all select generate_series($2::bigint, here.next - 1)) x(id)
    where case when x.id < here.next then pg_xact_status(x.id::text::xid8) = 'committed' else false end
  ) as committed`;

type Answer<T> = () => T;

/** What the use-case answers, a refusal of its own included; other errors are the standby's. */
async function answerOf<T>(work: (session: Session) => Promise<T>, session: Session): Promise<Answer<T>> {
  try {
    const value = await work(session);
    return () => value;
  } catch (error) {
    if (!(error instanceof ChatError)) throw error;
    return () => {
      throw error;
    };
  }
}

/**
 * Reads from a standby that show what reads from the primary would: nothing that was visible when the read arrived is missing, and
 * everything that they show is visible at the primary when they answer. The rest is read from the primary.
 */
export function createStandby({ primary, standby, positions, metrics }: StandbyOptions): Standby {
  const lineages = standbyLineages();
  /** Not before it was seen to be one. */
  let rest: Readonly<{ why: Refusal; since: number }> | undefined = { why: 'away', since: performance.now() };
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;

  /** Before the first snapshot of the read: one that is older than the look at the replay would prove nothing. */
  async function admit(session: Session, { lineage, ...position }: Position, kind: 'flushed' | 'inserted'): Promise<Refusal | undefined> {
    if ((await lineages.of(session)) !== lineage) {
      lineages.forget(session);
      return 'foreign';
    }
    for (const deadline = performance.now() + PATIENCE_MS; ; await pause(LOOK_MS)) {
      const { rows } = await session.query<{ follows: boolean; reached: boolean }>(REACHED, [position[kind]], 'standby-reached');
      if (rows[0]?.follows !== true) return 'foreign';
      if (rows[0].reached) return undefined;
      if (performance.now() > deadline) return 'behind';
    }
  }

  /**
   * A standby may show a commit before the primary does, which first waits for its process to go on, or for another standby: who saw it
   * here and asked the primary next would see it vanish.
   */
  async function confirm(session: Session, before: Position): Promise<Refusal | undefined> {
    const params = [before.running, before.next];
    const { rows } = await session.query<{ follows: boolean; committed: readonly string[] }>(COMMITTED, params, 'standby-committed');
    const [seen] = rows;
    if (seen?.follows !== true) return 'foreign';
    if (seen.committed.length === 0) return undefined;
    const now = await positions().catch(() => undefined);
    if (now === undefined) return 'unasked';
    if (now.lineage !== before.lineage) return 'foreign';
    const isHidden = (id: string) => now.running.includes(id) || BigInt(id) >= BigInt(now.next);
    return seen.committed.some(isHidden) ? 'ahead' : undefined;
  }

  async function attempt<T>(kind: 'flushed' | 'inserted', work: (session: Session) => Promise<T>): Promise<Refusal | Answer<T>> {
    const position = await positions().catch(() => undefined);
    if (position === undefined) return 'unasked';
    try {
      return await standby.use(async (session) => {
        const refused = await admit(session, position, kind);
        if (refused !== undefined) return refused;
        const answer = await answerOf(work, session);
        return (await confirm(session, position)) ?? answer;
      });
    } catch (error) {
      // Too many wait for it.
      if (error instanceof ChatError) throw error;
      if (isConnectionError(error)) return 'away';
      return isRetryable(error) ? 'conflict' : 'failed';
    }
  }

  function setAside(why: Refusal): void {
    rest = { why, since: rest?.why === why ? rest.since : performance.now() };
    if (!isStopped) timer ??= setTimeout(() => void tryAgain(), TRY_MS).unref();
  }

  /** In the background: no read waits for a standby that is away. */
  async function tryAgain(): Promise<void> {
    const outcome = await attempt('flushed', async () => {}).catch((): Refusal => 'failed');
    timer = undefined;
    if (typeof outcome === 'string' && outcome !== 'ahead') setAside(outcome);
    else rest = undefined;
  }

  const count = (server: 'standby' | 'primary', reason: Refusal | 'level') =>
    metrics.counter(catalogue.standbyReads, { server, reason }).add();

  const poolOf = (kind: 'flushed' | 'inserted'): SessionPool => ({
    async use(work) {
      if (rest !== undefined) {
        count('primary', rest.why);
        return primary.use(work);
      }
      const outcome = await attempt(kind, work);
      if (typeof outcome === 'function') {
        count('standby', 'level');
        return outcome();
      }
      count('primary', outcome);
      // What is not flushed yet is behind on the best of standbys.
      if (outcome === 'away' || outcome === 'foreign' || (outcome === 'behind' && kind === 'flushed')) setAside(outcome);
      return primary.use(work);
    },
    end: async () => {},
  });

  void tryAgain();
  return {
    reads: { synced: poolOf('flushed'), all: poolOf('inserted') },
    resting: () => rest && { why: rest.why, forMs: performance.now() - rest.since },
    stop() {
      isStopped = true;
      clearTimeout(timer);
    },
  };
}
