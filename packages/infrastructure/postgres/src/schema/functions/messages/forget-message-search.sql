-- Removes the search entry in the same transaction that edits or deletes its message, whichever code does so. The subscriber of
-- `message.updated` indexes an edited message again.
create or replace function forget_message_search() returns trigger
language plpgsql
set search_path = pg_catalog, public, pg_temp
as $function$
begin
  delete from message_search where account_id = old.account_id and conversation_id = old.conversation_id and seq = old.seq;
  return null;
end $function$;

create or replace trigger message_search_stale after update of content, deleted_at on message for each row
when (old.content is distinct from new.content or (old.deleted_at is null and new.deleted_at is not null))
execute function forget_message_search();
