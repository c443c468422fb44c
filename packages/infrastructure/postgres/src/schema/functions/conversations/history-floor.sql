-- Whether members see nothing of what was sent before they joined. (`settings.history` in the domain.)
create or replace function begins_with_joining(settings jsonb) returns boolean
language sql immutable parallel safe
as $function$ select coalesce(settings->>'history' = 'joined', false) $function$;

-- A member sees the messages above this seq: those that are kept, and where history begins with the joining, those after it.
-- (`Conversation.visibleFrom` in the domain is the first one above.)
create or replace function history_floor(first_seq bigint, settings jsonb, joined_seq bigint) returns bigint
language sql immutable parallel safe
as $function$
  select greatest(first_seq - 1, case when begins_with_joining(settings) then joined_seq else 0 end)
$function$;
