import type { Check } from '../schema/schema-set.ts';

export const peopleChecks: readonly Check[] = [
  {
    name: 'feeds',
    proves: "the entries of a person's feed have no gap, from the oldest that is kept to the newest",
    // Of somebody who is erased they go in batches.
    faults: `
      select e.account_id, 'the feed of ' || e.user_id || ': entry ' || e.version || ' follows ' || e.before as what
      from (
        select account_id, user_id, version, lag(version) over (partition by account_id, user_id order by version) as before from user_event
      ) e
      join app_user p on p.account_id = e.account_id and p.id = e.user_id and p.deleted_at is null
      where e.version <> e.before + 1
      union all
      select p.account_id, 'the feed of ' || p.id || ' ends at ' || e.newest || ', and its version is ' || p.user_version
      from app_user p
      join (select account_id, user_id, max(version) as newest from user_event group by account_id, user_id) e
        on e.account_id = p.account_id and e.user_id = p.id
      where p.deleted_at is null and e.newest <> p.user_version`,
  },
  {
    name: 'notifications',
    proves: 'notifications name the message by the id that it has',
    faults: `
      select n.account_id, 'notification ' || n.id || ' of ' || n.user_id || ' names another message than it is of' as what
      from notification n
      join message m on m.account_id = n.account_id and m.conversation_id = n.conversation_id and m.seq = n.seq
      where n.message_id <> m.id`,
  },
  {
    name: 'people',
    proves: 'the people whom logs, pins and the audit log name are people of the account',
    faults: `
      select named.account_id, named.what || ', who is nobody in the account' as what
      from (
        select account_id, user_id, 'connection ' || id || ' is of ' || user_id as what from connection_log
        union all
        select account_id, user_id, 'presence entry ' || id || ' is of ' || user_id from presence_log
        union all
        select account_id, pinned_by, 'message ' || id || ' was pinned by ' || pinned_by from message where pinned_by is not null
        union all
        select account_id, actor_id, 'audit entry ' || id || ' is of ' || actor_id from audit_entry where actor_kind = 'user'
      ) named
      where not exists (select from app_user p where p.account_id = named.account_id and p.id = named.user_id)`,
  },
  {
    name: 'audit-queue',
    proves: 'what waits to be sealed is in the audit log',
    faults: `
      select q.account_id, 'audit entry ' || q.entry_id || ' waits for its seal, and is not there' as what
      from audit_unsealed q
      where not exists (select from audit_entry e where e.account_id = q.account_id and e.id = q.entry_id)`,
  },
];
