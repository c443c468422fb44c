-- Locks the row of a claim, that of an outbox worker or of a schedule's run, until the transaction ends; fails where the claim was lost. Called by
-- the system's role in the BEGIN of what an effect writes; a function, since each session then reads its text once.
create or replace function hold_claim(kind text, claimant uuid) returns void
language plpgsql
set search_path = pg_catalog, public, pg_temp
as $function$
begin
  if kind = 'schedule' then
    perform from schedule where runner = claimant for key share;
  else
    perform from outbox_worker where id = claimant for key share;
  end if;
  if not found then
    raise exception 'the claim was lost' using errcode = 'CC001';
  end if;
end $function$;

revoke all on function hold_claim(text, uuid) from public;
grant execute on function hold_claim(text, uuid) to coucou_system;
