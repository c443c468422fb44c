import { type Kysely, sql } from 'kysely';
import { forceIsolation } from '../isolation.ts';

/** Reports as a queue with decisions, rules that make reports by themselves, and people who are muted in the whole account. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table app_user add column muted_until timestamptz`.execute(db);
  await sql`comment on column app_user.muted_until is 'writes nowhere in the account until then; may be past'`.execute(db);
  await sql`grant select (muted_until) on app_user to coucou_append`.execute(db);

  await sql`
    alter table report
      alter column reporter_id drop not null,
      add column rule_id uuid,
      add column assignee_id uuid,
      add column decision text check (decision in ('dismiss', 'delete', 'warn', 'mute', 'suspend')),
      add column note text,
      add column decided_by uuid,
      add column decided_at timestamptz,
      add column muted_until timestamptz,
      add foreign key (account_id, assignee_id) references app_user,
      add foreign key (account_id, decided_by) references app_user,
      add check (num_nonnulls(reporter_id, rule_id) = 1),
      drop constraint report_status_check`.execute(db);
  await sql`
    alter table report
      add constraint report_status_check check (status in ('open', 'assigned', 'decided')),
      add check ((status = 'decided') = (decision is not null and decided_at is not null))`.execute(db);
  await sql`comment on column report.rule_id is
    'the rule that made it, by value: a report outlives its rule'`.execute(db);
  // The account comes later in all of them: see the list of migrations.
  await sql`
    -- The queue of one state, the newest first: admin.listReports.
    create index report_queue on report (status, account_id, id)`.execute(db);
  await sql`
    -- Reports about one person: admin.listReports, and the rules that count them.
    create index report_about on report (user_id, account_id, created_at)`.execute(db);
  await sql`
    -- A rule has one report about a person that is not decided.
    create unique index report_rule_once on report (account_id, rule_id, user_id) where rule_id is not null and status <> 'decided'`.execute(
    db,
  );
  await sql`grant update (status, assignee_id, decision, note, decided_by, decided_at, muted_until) on report to coucou_app`.execute(db);

  await sql`
    -- Read whole, by the screening of an account and by its administration, in the order in which they were made.
    create table moderation_rule (
      account_id uuid not null references account,
      id uuid not null,
      kind text not null check (kind in ('reports', 'links', 'repeatedText')),
      threshold integer not null check (threshold > 0),
      window_seconds integer check (window_seconds > 0),
      about text check (about in ('person', 'message')),
      allowed_hosts text[] not null,
      action text not null check (action in ('report', 'refuse', 'mute')),
      mute_seconds integer check (mute_seconds > 0),
      enabled boolean not null,
      created_at timestamptz not null,
      updated_at timestamptz not null,
      primary key (account_id, id),
      check ((action = 'mute') = (mute_seconds is not null)),
      check ((kind = 'reports') = (about is not null)),
      check ((kind = 'links') = (window_seconds is null))
    )`.execute(db);
  await forceIsolation(db, 'moderation_rule');
  await sql`grant select, insert, update, delete on moderation_rule to coucou_app`.execute(db);
}
