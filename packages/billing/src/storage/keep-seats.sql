-- Keeps the seats of a plan: whoever is no guest holds one until they are deleted. A trigger, since people come by many ways (sign-up, invites,
-- providers, imports), and since only a lock makes two who come at once one after the other. Without a limit it reads one row by its key.
create or replace function billing_keep_seats() returns trigger
language plpgsql set search_path = pg_catalog, public, pg_temp as $function$
declare
  allowed bigint;
  used bigint;
begin
  select b.seats into allowed from billing_account b where b.account_id = new.account_id;
  if allowed is null then return new; end if;
  select b.seats into allowed from billing_account b where b.account_id = new.account_id for update;
  select count(*) into used from app_user u where u.account_id = new.account_id and u.role <> 'guest' and u.deleted_at is null;
  if used >= allowed then
    raise exception 'the plan has no seat left' using errcode = 'CC402',
      detail = json_build_object('limit', 'seats', 'allowed', allowed, 'used', used);
  end if;
  return new;
end
$function$;

create or replace trigger billing_seat_added before insert on app_user
  for each row when (new.role <> 'guest') execute function billing_keep_seats();
create or replace trigger billing_seat_taken before update of role on app_user
  for each row when (old.role = 'guest' and new.role <> 'guest') execute function billing_keep_seats();
