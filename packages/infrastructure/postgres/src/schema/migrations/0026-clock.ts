import { type Kysely, sql } from 'kysely';

/** The columns whose time the database stamps. */
const STAMPED = { preference: ['updated_at'], user_event: ['created_at'], outbox: ['created_at', 'due_at'] };

/**
 * The clock of the database: the one place where SQL reads the time (docs/adr/2026-12-01-one-sql-clock.md). The planner inlines it. It is
 * volatile, as what it stands for: a statement that compares an indexed column with it asks once, by `(select clock_now())`, which is an
 * index condition.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create function clock_now() returns timestamptz
    language sql volatile parallel safe
    as $function$ select pg_catalog.clock_timestamp() $function$`.execute(db);
  await sql`comment on function clock_now() is 'the time that decides; a test may replace it'`.execute(db);
  for (const [table, columns] of Object.entries(STAMPED))
    for (const column of columns)
      await sql`alter table ${sql.id(table)} alter column ${sql.id(column)} set default clock_now()`.execute(db);
}
