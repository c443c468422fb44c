-- Keeps the storage of a plan: bytes are taken when an upload is reserved, before it comes. Without a limit it reads one row by its key.
create or replace function billing_keep_storage() returns trigger
language plpgsql set search_path = pg_catalog, public, pg_temp as $function$
declare
  allowed bigint;
  used bigint;
begin
  select b.storage_bytes into allowed from billing_account b where b.account_id = new.account_id;
  if allowed is null then return new; end if;
  select b.storage_bytes into allowed from billing_account b where b.account_id = new.account_id for update;
  select coalesce(sum(a.quota_bytes), 0) into used from attachment a where a.account_id = new.account_id and a.owner_id is not null;
  if used + new.quota_bytes > allowed then
    raise exception 'the plan has no storage left' using errcode = 'CC402',
      detail = json_build_object('limit', 'storageBytes', 'allowed', allowed, 'used', used, 'wanted', new.quota_bytes);
  end if;
  return new;
end
$function$;

create or replace trigger billing_storage_taken before insert on attachment
  for each row execute function billing_keep_storage();
