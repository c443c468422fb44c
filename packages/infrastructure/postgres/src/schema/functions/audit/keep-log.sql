-- Nobody changes or removes what the log holds, not even by the owner's mistake. Blanking what is personal is an erasure: of an origin, of
-- details, or both.
create or replace function audit_keep_log() returns trigger
language plpgsql
set search_path = pg_catalog, public, pg_temp
as $function$
declare
  origin text[] := array['ip', 'user_agent', 'origin_salt'];
  details text[] := array['details', 'details_salt'];
  before jsonb;
  after jsonb;
begin
  if tg_op = 'UPDATE' and tg_table_name = 'audit_entry' then
    before := to_jsonb(old);
    after := to_jsonb(new);
    if new.ip = '' and new.user_agent = '' and new.origin_salt is null then
      before := before - origin;
      after := after - origin;
    end if;
    if new.details = '{}' and new.details_salt is null then
      before := before - details;
      after := after - details;
    end if;
    if before = after then
      return new;
    end if;
  end if;
  raise exception 'the audit log is append-only' using errcode = 'insufficient_privilege';
end $function$;

create or replace trigger audit_keep_entries before update or delete on audit_entry for each row execute function audit_keep_log();
create or replace trigger audit_keep_seals before update or delete on audit_seal for each row execute function audit_keep_log();
create or replace trigger audit_keep_all_entries before truncate on audit_entry for each statement execute function audit_keep_log();
create or replace trigger audit_keep_all_seals before truncate on audit_seal for each statement execute function audit_keep_log();
