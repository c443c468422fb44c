-- What is unread, in three expressions that the planner inlines.

-- Messages that count as unread for a member. (`Membership.unread` in the domain.) `countable` and `unread_base` count the conversation's
-- countable messages: all of them, and those up to the read mark; `own_since` counts the member's own after it.
create or replace function unread_messages(countable bigint, unread_base bigint, own_since bigint) returns bigint
language sql immutable parallel safe
as $function$ select countable - unread_base - own_since $function$;

-- The effective read mark of a member: everything after this seq is unread. "Mark unread" moves it back, whatever was read.
create or replace function read_mark(unread_from_seq bigint, read_seq bigint) returns bigint
language sql immutable parallel safe
as $function$ select coalesce(unread_from_seq - 1, read_seq) $function$;

-- Whether a message counts as unread: neither a system message nor a reply in a thread. (`Message.post` in the domain.)
create or replace function is_countable(type text, thread_root_seq bigint) returns boolean
language sql immutable parallel safe
as $function$ select type <> 'system' and thread_root_seq is null $function$;
