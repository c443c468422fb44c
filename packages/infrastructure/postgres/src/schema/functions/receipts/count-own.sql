-- A person's countable messages above one seq and up to another. Where that is far (more than 2000 messages), through the index of what
-- each sender sent once: then it costs as much as they ever wrote there, and not half of a long history. `+ 0` keeps the seqs from being
-- what is looked up by.
create or replace function count_own(account uuid, conversation uuid, person uuid, above bigint, upto bigint)
returns bigint
language plpgsql stable
as $function$
begin
  if upto - above <= 2000 then
    return (
      select count(*) from message x where x.account_id = account and x.conversation_id = conversation
        and x.seq > above and x.seq <= upto and x.sender_id = person and is_countable(x.type, x.thread_root_seq));
  end if;
  return (
    select count(*) from message x where x.account_id = account and x.conversation_id = conversation
      and x.sender_id = person and x.client_message_id is not null
      and x.seq + 0 > above and x.seq + 0 <= upto and is_countable(x.type, x.thread_root_seq));
end $function$;

revoke all on function count_own(uuid, uuid, uuid, bigint, bigint) from public;
grant execute on function count_own(uuid, uuid, uuid, bigint, bigint) to coucou_app;
