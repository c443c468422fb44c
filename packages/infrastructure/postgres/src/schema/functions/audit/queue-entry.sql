-- Whoever writes an entry queues it for its seal, in the same transaction: a commit that comes late is there late, and is not skipped.
create or replace function audit_queue_entry() returns trigger
language plpgsql
set search_path = pg_catalog, public, pg_temp
as $function$
begin
  insert into audit_unsealed (account_id, entry_id) values (new.account_id, new.id);
  return null;
end $function$;

create or replace trigger audit_queue_entry after insert on audit_entry for each row execute function audit_queue_entry();
