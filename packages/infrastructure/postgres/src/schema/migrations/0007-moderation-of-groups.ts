import { type Kysely, sql } from 'kysely';
import { forceIsolation } from './isolation.ts';

/** Bans and invites of groups. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table ban (
      account_id uuid not null,
      conversation_id uuid not null,
      user_id uuid not null,
      banned_by uuid not null,
      reason text,
      created_at timestamptz not null,
      expires_at timestamptz,
      primary key (account_id, conversation_id, user_id),
      foreign key (account_id, conversation_id) references conversation,
      foreign key (account_id, user_id) references app_user,
      foreign key (account_id, banned_by) references app_user
    )`.execute(db);
  // Serves the list of a conversation's bans, newest first.
  await sql`create index ban_newest on ban (account_id, conversation_id, created_at desc, user_id desc)`.execute(db);

  // The code is kept as it is: those who may invite see the list and hand a code on again. It opens one group to people who are signed
  // in already, it ends by itself, and whoever reads this table could read the group's messages as well.
  await sql`
    create table invite (
      account_id uuid not null,
      code text not null,
      conversation_id uuid not null,
      created_by uuid not null,
      created_at timestamptz not null,
      expires_at timestamptz,
      max_uses integer check (max_uses > 0),
      uses integer not null default 0,
      revoked_at timestamptz,
      primary key (account_id, code),
      foreign key (account_id, conversation_id) references conversation,
      foreign key (account_id, created_by) references app_user,
      constraint invite_uses check (0 <= uses and uses <= coalesce(max_uses, uses))
    )`.execute(db);
  // Serves the list of a conversation's invites, newest first.
  await sql`create index invite_newest on invite (account_id, conversation_id, created_at desc, code desc) where revoked_at is null`.execute(
    db,
  );

  for (const table of ['ban', 'invite']) await forceIsolation(db, table);
  await sql`grant select, insert, update, delete on ban to coucou_app`.execute(db);
  await sql`grant select, insert on invite to coucou_app`.execute(db);
  await sql`grant update (uses, revoked_at) on invite to coucou_app`.execute(db);
}
