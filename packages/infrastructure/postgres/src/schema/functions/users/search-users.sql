-- The best people for `key` (a search key: folded), best first. Five ways to be found, each bounded and on an index of its own; what
-- they find together is ranked: a whole username, then its beginning, then the beginning of a display name, then names that hold all
-- that is `sought` (`words` are its grams; null, if it has none), then what is alike. The trigram indexes hold all accounts; the account is a filter on what they find. Nobody across a block
-- of the viewer, in either direction, and nobody suspended is found. By an address that they have not proven nobody is found: it may be
-- somebody else's.
--
-- A definer function, since a policy would keep `%` and `<%` from their indexes. It still answers for the account of the transaction
-- only.

-- Loads pg_trgm into this connection: without it, only a superuser could name its settings below.
select similarity('', '');

grant create on schema public to coucou_search;
set local role coucou_search;

create or replace function search_users(
  account uuid, viewer uuid, key text, words tsquery, sought text[], after_rank numeric, after_id uuid, most integer
)
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
    (select u.id from app_user u
      where u.name_grams @@ words and u.account_id = account
        and not exists (select from unnest(sought) t(term) where strpos(u.username_key || ' ' || u.display_name_key, t.term) = 0)
      limit 250)
    union
    select u.id from app_user u where u.account_id = account and u.email_key = key and u.email_verified
  ),
  ranked as (
    select u.id, round((
      case
        when u.username_key = key or u.email_key = key and u.email_verified then 4
        when starts_with(u.username_key, key) then 3
        when starts_with(u.display_name_key, key) then 2
        when not exists (select from unnest(sought) t(term) where strpos(u.username_key || ' ' || u.display_name_key, t.term) = 0) then 1
        else 0
      end + greatest(similarity(u.username_key, key), word_similarity(key, u.display_name_key)))::numeric, 4) as rank
    from found f join app_user u on u.account_id = account and u.id = f.id
    where not is_suspended(u.suspended_at)
      and account = nullif(current_setting('app.account_id', true), '')::uuid
      and u.id not in (select b.user_id from blocked_with(viewer) b)
  )
  select r.id, r.rank from ranked r
  where after_id is null or r.rank < after_rank or (r.rank = after_rank and r.id > after_id)
  order by r.rank desc, r.id limit most
$function$;

revoke all on function search_users(uuid, uuid, text, tsquery, text[], numeric, uuid, integer) from public;
grant execute on function search_users(uuid, uuid, text, tsquery, text[], numeric, uuid, integer) to coucou_app;
reset role;
revoke create on schema public from coucou_search;
