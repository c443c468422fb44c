-- Locks a conversation, in the account that is set, and answers it as it then stands, or null. Two statements, so that the second sees what
-- others committed while the first waited.
create or replace function lock_conversation(conversation uuid) returns json
language plpgsql volatile
set search_path = pg_catalog, public, pg_temp
as $function$
begin
  perform from conversation_head o where o.conversation_id = conversation order by o.era desc limit 1 for no key update;
  return (
    select row_to_json(c) from (
      select x.*, h.last_seq, h.version, h.receipts_version, h.access_version, h.countable, h.active_at
      from conversation x
      cross join lateral (
        select * from conversation_head o where o.account_id = x.account_id and o.conversation_id = x.id order by o.era desc limit 1) h
      where x.id = conversation and x.deleted_at is null
    ) c);
end $function$;

revoke all on function lock_conversation(uuid) from public;
grant execute on function lock_conversation(uuid) to coucou_app;
