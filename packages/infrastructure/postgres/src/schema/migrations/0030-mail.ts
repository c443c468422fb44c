import { type Kysely, sql } from 'kysely';
import { forceIsolation } from '../isolation.ts';

/** What accounts say in mails in place of the server. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    -- Read for every mail, by kind and locales (mail.send); listed in the order of its key.
    create table mail_template (
      account_id uuid not null references account,
      kind text not null,
      locale text not null,
      subject text not null,
      text text not null,
      html text not null,
      updated_at timestamptz not null,
      updated_by uuid,
      primary key (account_id, kind, locale),
      foreign key (account_id, updated_by) references app_user
    )`.execute(db);
  await forceIsolation(db, 'mail_template');
  await sql`grant select, insert, update, delete on mail_template to coucou_app`.execute(db);
}
