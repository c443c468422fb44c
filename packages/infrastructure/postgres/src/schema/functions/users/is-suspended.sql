-- A suspended person neither posts nor is found. (`Suspension` in the domain.)
create or replace function is_suspended(suspended_at timestamptz) returns boolean
language sql immutable parallel safe
as $function$ select suspended_at is not null $function$;
