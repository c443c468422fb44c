import type { JobReport } from '@coucou/application/kernel/job';
import type { Due } from '@coucou/application/kernel/timing';
import type { Rows, SessionPool } from '../kit/session.ts';
import { fenced, isClaimLost } from '../transactions/fence.ts';
import { askAsSystem } from '../transactions/transaction.ts';

export type ClaimedRun = Readonly<{
  id: string;
  name: string;
  dueAt: Date;
  startedAt: Date;
  attempts: number;
  takenFrom: string | undefined;
}>;
export type RunEnd = Readonly<
  { outcome: 'done'; next: Date; report: JobReport } | { outcome: 'failed'; next: Date; error: string } | { outcome: 'stopped' }
>;

/** How long a node that says nothing keeps its runs, in seconds. */
const LEASE_SECONDS = 30;
const ERROR_LENGTH = 1_000;

/** After so many attempts: none after the first, then from half a minute to an hour. */
const BACK_OFF = (attempts: string) => `make_interval(secs => least(3600, 30 * (2 ^ least(greatest(${attempts}, 1), 8) - 2)))`;

/**
 * $1 names, $2 timings, $3 the next times. What was missed stays due, but no clock that was ahead for a while keeps a job from its times. A
 * job that no node has run for a week is one of a version that is gone.
 */
const DECLARE = `
  with gone as (
    delete from schedule where name <> all($1) and runner is null and run_at < clock_now() - interval '7 days'
  )
  insert into schedule (name, timing, due_at, run_at)
  select name, timing, next_at, next_at from unnest($1::text[], $2::text[], $3::timestamptz[]) given(name, timing, next_at)
  on conflict (name) do update set timing = excluded.timing,
    due_at = case when schedule.timing = excluded.timing then least(schedule.due_at, excluded.due_at) else excluded.due_at end,
    run_at = case when schedule.timing = excluded.timing then least(schedule.run_at, excluded.run_at) else excluded.run_at end`;

/**
 * $1 names, $2 the node, $3 the lease. The rows are locked as for a change of their key, so that a run is not taken from a node while a
 * transaction of it is about to commit (`fence.ts`).
 */
const CLAIM = `
  with due as (
    select name, case when runner is not null then node end as taken_from from schedule
    where name = any($1) and run_at <= (select clock_now()) and (runner is null or lease_until < (select clock_now()))
    for update skip locked
  ),
  claimed as (
    update schedule s set runner = gen_random_uuid(), node = $2, started_at = clock_now(), attempts = s.attempts + 1,
      lease_until = clock_now() + make_interval(secs => $3), run_at = clock_now() + ${BACK_OFF('s.attempts + 1')}
    from due where s.name = due.name
    returning s.name, s.runner, s.due_at, s.started_at, s.attempts, due.taken_from
  )
  select claimed.*,
    (select extract(epoch from min(greatest(run_at, lease_until)) - clock_now()) * 1000 from schedule
      where name = any($1) and name not in (select name from claimed))::float as wait_ms
  from (values (1)) one(one) left join claimed on true`;

const RENEW = `
  update schedule set lease_until = clock_now() + make_interval(secs => $2) where runner = any($1::uuid[]) returning runner`;

/** $1 name, $2 runner, $3 outcome, $4 the next time, $5 error, $6 report. */
const END = `
  update schedule set runner = null, node = null, started_at = null, lease_until = null,
    due_at = case $3 when 'done' then $4 else due_at end,
    run_at = case $3 when 'done' then $4 when 'failed' then least($4, clock_now() + ${BACK_OFF('attempts + 1')}) else clock_now() end,
    attempts = case $3 when 'done' then 0 when 'failed' then attempts else attempts - 1 end,
    last_node = case $3 when 'stopped' then last_node else node end,
    last_started_at = case $3 when 'stopped' then last_started_at else started_at end,
    last_ended_at = case $3 when 'stopped' then last_ended_at else clock_now() end,
    last_error = case $3 when 'stopped' then last_error else $5 end,
    last_report = case $3 when 'stopped' then last_report else $6::jsonb end
  where name = $1 and runner = $2
  returning greatest(0, extract(epoch from run_at - clock_now()) * 1000)::float as wait_ms`;

/** Nobody waits for the disk: a run that a crash makes undone is run again. */
const UNSYNCED = 'set local synchronous_commit = off';

type ClaimRow = Readonly<{
  name: string | null;
  runner: string;
  due_at: Date;
  started_at: Date;
  attempts: number;
  taken_from: string | null;
  wait_ms: number | null;
}>;

/** The table of schedules, for the scheduler of a node (`ScheduleStore` of the runtime). */
export function createScheduleStore(pool: SessionPool) {
  const ask = <R>(name: string, text: string, params: readonly unknown[]): Promise<Rows<R>> =>
    askAsSystem(pool, { name, text, params }, UNSYNCED);
  return {
    leaseMs: LEASE_SECONDS * 1_000,
    async declare(jobs: readonly (Due & Readonly<{ name: string }>)[]): Promise<void> {
      const { rows } = await ask<{ now: Date }>('schedule-now', 'select clock_now() as now', []);
      const [{ now } = { now: new Date(0) }] = rows;
      await ask('schedule-declare', DECLARE, [
        jobs.map(({ name }) => name),
        jobs.map(({ text }) => text),
        jobs.map(({ next }) => next(now)),
      ]);
    },
    async claim(names: readonly string[], node: string): Promise<Readonly<{ runs: readonly ClaimedRun[]; waitMs: number | undefined }>> {
      const { rows } = await ask<ClaimRow>('schedule-claim', CLAIM, [names, node, LEASE_SECONDS]);
      const runs = rows.flatMap(({ name, runner: id, due_at: dueAt, started_at: startedAt, attempts, taken_from: from }) =>
        name === null ? [] : [{ id, name, dueAt, startedAt, attempts, takenFrom: from ?? undefined }],
      );
      return { runs, waitMs: rows[0]?.wait_ms ?? undefined };
    },
    async renew(ids: readonly string[]): Promise<ReadonlySet<string>> {
      const { rows } = await ask<{ runner: string }>('schedule-renew', RENEW, [ids, LEASE_SECONDS]);
      return new Set(rows.map(({ runner }) => runner));
    },
    async effect(run: ClaimedRun, work: () => Promise<void>): Promise<boolean> {
      try {
        await fenced(run.id, work, { kind: 'schedule' });
        return true;
      } catch (error) {
        if (isClaimLost(error)) return false;
        throw error;
      }
    },
    async end(run: ClaimedRun, end: RunEnd): Promise<number | undefined> {
      const next = end.outcome === 'stopped' ? null : end.next;
      // PostgreSQL stores no NUL.
      const error = end.outcome === 'failed' ? end.error.replaceAll('\0', '').slice(0, ERROR_LENGTH) : null;
      const report = end.outcome === 'done' ? JSON.stringify(end.report) : null;
      const { rows } = await ask<{ wait_ms: number }>('schedule-end', END, [run.name, run.id, end.outcome, next, error, report]);
      return rows[0]?.wait_ms;
    },
  };
}

export type ScheduleStore = ReturnType<typeof createScheduleStore>;
