import { type Kysely, sql } from 'kysely';
import { forceIsolation, grantDefiner } from '../isolation.ts';

/** One log of who did what to whom, which takes over the events of people's access. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    -- Read by its indexes alone; append-only.
    create table audit_entry (
      account_id uuid not null references account,
      id uuid not null,
      action text not null,
      actor_kind text not null check (actor_kind in ('user', 'apiKey', 'operator', 'system', 'anonymous')),
      actor_id uuid check ((actor_id is not null) = (actor_kind in ('user', 'apiKey'))),
      target_type text not null,
      target_id uuid not null,
      ip text not null,
      user_agent text not null,
      session_id uuid,
      request_id text not null,
      details jsonb not null,
      at timestamptz not null
    )`.execute(db);
  await sql`
    -- The newest (audit-all).
    create index audit_entry_at on audit_entry (account_id, at, id)`.execute(db);
  await sql`
    -- Of one kind (audit-of-action).
    create index audit_entry_action on audit_entry (account_id, action, at, id)`.execute(db);
  await sql`
    -- What somebody did (audit-of-actor), and its export and erasure.
    create index audit_entry_actor on audit_entry (account_id, actor_id, at, id) where actor_id is not null`.execute(db);
  await sql`
    -- What was done to somebody or something (audit-of-target), and its export and erasure.
    create index audit_entry_target on audit_entry (account_id, target_id, at, id)`.execute(db);
  // The last of these indexes: before there are statistics the planner takes them for equally good where account and id are given, and chooses it.
  await sql`alter table audit_entry add primary key (account_id, id)`.execute(db);

  // Forced row-level security shows its owner nothing.
  await sql`alter table security_event no force row level security`.execute(db);
  await sql`
    insert into audit_entry
    select account_id, id, kind,
      case when details ? 'byUserId' then 'user' when details ? 'byApiKeyId' then 'apiKey'
        when details ->> 'by' = 'operator' then 'operator' when user_id is null or kind in (${notByThem}) then 'anonymous' else 'user' end,
      case when details ? 'byUserId' then (details ->> 'byUserId')::uuid when details ? 'byApiKeyId' then (details ->> 'byApiKeyId')::uuid
        when details ->> 'by' = 'operator' or kind in (${notByThem}) then null else user_id end,
      case when user_id is null then 'account' else 'user' end, coalesce(user_id, account_id),
      ip, user_agent, session_id, '', details - array['byUserId', 'byApiKeyId'], at
    from security_event`.execute(db);
  await sql`drop table security_event`.execute(db);

  await forceIsolation(db, 'audit_entry');
  await sql`grant select, insert on audit_entry to coucou_app`.execute(db);
  await grantDefiner(db, 'coucou_system', {
    // The operator's acts on accounts; and of who is erased, where from they acted and what was said of what was done to them.
    audit_entry:
      'insert, select (account_id, id, actor_kind, actor_id, target_type, target_id, ip, user_agent, details), update (ip, user_agent, details)',
  });
}

/** What a token, a key or a code was used for by nobody knows whom. */
const notByThem = sql.raw(`'refresh_token_replayed', 'dpop_refused', 'second_factor_failed', 'passkey_cloned'`);
