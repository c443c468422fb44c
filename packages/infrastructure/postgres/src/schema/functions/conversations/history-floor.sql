-- A member sees the messages above this seq: those that are kept, and where history begins with the joining, those after it.
-- (`Conversation.visibleFrom` in the domain is the first one above.)
create or replace function history_floor(first_seq bigint, settings jsonb, joined_seq bigint) returns bigint
language sql immutable parallel safe
as $function$
  select greatest(first_seq - 1, case when settings->>'history' = 'joined' then joined_seq else 0 end)
$function$;
