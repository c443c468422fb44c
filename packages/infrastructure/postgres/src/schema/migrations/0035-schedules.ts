import { type Kysely, sql } from 'kysely';

/** Jobs that one node at a time runs for all (docs/adr/2026-12-01-schedules.md). */
export async function up(db: Kysely<unknown>): Promise<void> {
  // No index but the key: nothing that changes is in one, so that a row stays in its page and no vacuum is needed for it.
  await sql`
    -- A row for each job. Read whole: there are a dozen.
    create table schedule (
      name text primary key,
      timing text not null,
      due_at timestamptz not null,
      run_at timestamptz not null,
      attempts integer not null default 0,
      runner uuid,
      node text,
      started_at timestamptz,
      lease_until timestamptz,
      last_node text,
      last_started_at timestamptz,
      last_ended_at timestamptz,
      last_error text,
      last_report jsonb,
      check (num_nulls(runner, node, started_at, lease_until) in (0, 4)),
      check (num_nulls(last_node, last_started_at, last_ended_at) in (0, 3))
    ) with (fillfactor = 50)`.execute(db);
  const comments = {
    timing: 'when it is due, as text: another one is noticed by it',
    due_at: 'the time that the next run is for, or the one under way: the first that was missed',
    run_at: 'when it may begin: later than due_at after a failure, and for the next node after one that died of it',
    attempts: 'runs begun since the last one that was done',
    runner: 'the run under way: what it writes counts while its id stands here',
    last_error: 'null where the last run was done',
  };
  for (const [column, text] of Object.entries(comments))
    await sql`comment on column ${sql.id('schedule', column)} is ${sql.lit(text)}`.execute(db);
  await sql`grant select, insert, update, delete on schedule to coucou_system`.execute(db);
}
