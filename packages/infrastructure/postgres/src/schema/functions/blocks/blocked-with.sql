-- All users with a block between them and this one, in either direction, in the account of the transaction. The one statement of the rule in SQL:
-- to test one user, look for them in the answer. (`Relations` in the domain: blocks, blockedBy.)
--
-- Without `set`, and in one statement, so that the planner inlines it: a lookup of one person becomes two descents of an index.
create or replace function blocked_with(person uuid) returns table (user_id uuid)
language sql stable parallel safe
as $function$
  select b.blocked_id from public.block b
  where b.account_id = nullif(current_setting('app.account_id', true), '')::uuid and b.blocker_id = person
  union all
  select b.blocker_id from public.block b
  where b.account_id = nullif(current_setting('app.account_id', true), '')::uuid and b.blocked_id = person
$function$;
