import { type Kysely, sql } from 'kysely';
import { forceIsolation } from '../isolation.ts';

/** Addresses that mail came back from. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    -- Read for every mail, by the key of its address (mail.send).
    create table mail_suppression (
      account_id uuid not null references account,
      id uuid not null,
      address_key text not null,
      address text not null,
      user_id uuid,
      reason text not null check (reason in ('hard', 'soft', 'complaint')),
      soft_bounces integer not null,
      suppressed_at timestamptz,
      expires_at timestamptz,
      last_message text,
      primary key (account_id, id),
      unique (account_id, address_key),
      foreign key (account_id, user_id) references app_user
    )`.execute(db);
  await sql`comment on column mail_suppression.suppressed_at is 'null: too few soft bounces so far; mail is sent'`.execute(db);
  await sql`
    -- Those that hold mail back, for administrators (mail-suppressions).
    create index mail_suppression_at on mail_suppression (account_id, suppressed_at, id) where suppressed_at is not null`.execute(db);
  await sql`
    -- Those to be forgotten (mail.forgetBounces).
    create index mail_suppression_expiry on mail_suppression (account_id, expires_at) where expires_at is not null`.execute(db);
  await sql`
    -- Those of a person: export and erasure.
    create index mail_suppression_person on mail_suppression (account_id, user_id, id) where user_id is not null`.execute(db);
  await forceIsolation(db, 'mail_suppression');
  await sql`grant select, insert, update, delete on mail_suppression to coucou_app`.execute(db);
}
