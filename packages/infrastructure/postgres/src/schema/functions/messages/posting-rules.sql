-- What append_messages decides again under the lock, each in one expression that the planner inlines. The domain decided first, on what it
-- had read before (`Message.post`); whatever it refuses is refused in its words, after it has read again.

-- Whether a decision to let somebody post still holds. Nothing about access has changed since; or, in a group, what has changed is about
-- other people: the sender's role is the same, and the group lets that role post. Between two people no role is given, and the version
-- alone tells.
create or replace function posting_decision_holds(
  decided_version bigint, version_now bigint, decided_role text, role_now text, may_announce boolean, announcements_only boolean
) returns boolean
language sql immutable parallel safe
as $function$
  select decided_version = version_now or coalesce(decided_role = role_now and (may_announce or not announcements_only), false)
$function$;

-- A moderator's mute, until it is past.
create or replace function is_posting_muted(muted_until timestamptz, at timestamptz) returns boolean
language sql immutable parallel safe
as $function$ select coalesce(muted_until > at, false) $function$;

-- When the sender may post again where slow mode holds for them; null where it does not, or they have not posted yet.
create or replace function slowed_until(last_posted_at timestamptz, slow_mode_seconds integer) returns timestamptz
language sql stable parallel safe
as $function$ select last_posted_at + make_interval(secs => nullif(slow_mode_seconds, 0)) $function$;

-- Whether only those who may announce may post.
create or replace function is_announcements_only(settings jsonb) returns boolean
language sql immutable parallel safe
as $function$ select settings @> '{"announcementsOnly": true}' $function$;
