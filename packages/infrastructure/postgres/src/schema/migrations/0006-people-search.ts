import { type Kysely, sql } from 'kysely';
import { createDefinerFunction, grantDefiner } from './isolation.ts';

/**
 * The best people for `key` (a search key: composed and in lower case), best first. Four ways to be found, each bounded and on an index
 * of its own; what they find together is ranked: a whole username, then its beginning, then the beginning of a display name,
 * then what is alike. The trigram indexes hold all accounts; the account is a filter on what they find. Nobody across a block
 * of the viewer, in either direction, and nobody suspended is found.
 *
 * A definer function, since a policy would keep `%` and `<%` from their indexes. It still answers for the account of the transaction
 * only.
 */
const SEARCH = `
create function search_users(account uuid, viewer uuid, key text, after_rank numeric, after_id uuid, most integer)
returns table (id uuid, rank numeric)
language sql stable security definer
set search_path = pg_catalog, public, pg_temp
set enable_seqscan = off
set pg_trgm.similarity_threshold = 0.25
set pg_trgm.word_similarity_threshold = 0.4
as $function$
  with found as (
    (select u.id from app_user u
      where u.account_id = account and u.username_key ~>=~ key and u.username_key ~<~ (key || chr(1114111))
      order by u.username_key using ~<~ limit 500)
    union
    (select u.id from app_user u
      where u.account_id = account and u.display_name_key ~>=~ key and u.display_name_key ~<~ (key || chr(1114111))
      order by u.display_name_key using ~<~ limit 500)
    union
    (select u.id from app_user u
      where u.account_id = account and char_length(key) > 2 and u.username_key % key
      order by similarity(u.username_key, key) desc, u.id limit 250)
    union
    (select u.id from app_user u
      where u.account_id = account and char_length(key) > 2 and key <% u.display_name_key
      order by word_similarity(key, u.display_name_key) desc, u.id limit 250)
    union
    select u.id from app_user u where u.account_id = account and u.email_key = key
  ),
  ranked as (
    select u.id, round((
      case
        when u.username_key = key or u.email_key = key then 4
        when starts_with(u.username_key, key) then 3
        when starts_with(u.display_name_key, key) then 2
        else 0
      end + greatest(similarity(u.username_key, key), word_similarity(key, u.display_name_key)))::numeric, 4) as rank
    from found f join app_user u on u.account_id = account and u.id = f.id
    where u.suspended_at is null
      and account = nullif(current_setting('app.account_id', true), '')::uuid
      and not exists (select from block b where b.account_id = account and b.blocker_id = viewer and b.blocked_id = u.id)
      and not exists (select from block b where b.account_id = account and b.blocker_id = u.id and b.blocked_id = viewer)
  )
  select r.id, r.rank from ranked r
  where after_id is null or r.rank < after_rank or (r.rank = after_rank and r.id > after_id)
  order by r.rank desc, r.id limit most
$function$`;

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create extension if not exists pg_trgm`.execute(db);
  await sql`alter table app_user add column display_name_key text not null default ''`.execute(db);
  // Serves the search by the beginning of a username.
  await sql`create index app_user_username_prefix on app_user (account_id, username_key text_pattern_ops)`.execute(db);
  // Serves the search by the beginning of a display name.
  await sql`create index app_user_display_name_prefix on app_user (account_id, display_name_key text_pattern_ops)`.execute(db);
  // Serve the search by names that are alike.
  await sql`create index app_user_username_alike on app_user using gin (username_key gin_trgm_ops)`.execute(db);
  await sql`create index app_user_display_name_alike on app_user using gin (display_name_key gin_trgm_ops)`.execute(db);
  await grantDefiner(db, 'coucou_search', { app_user: 'select', block: 'select' });
  await createDefinerFunction(db, 'coucou_search', 'search_users(uuid, uuid, text, numeric, uuid, integer)', SEARCH);
}
