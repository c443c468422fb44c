import type { CurrentMembers } from '@coucou/application/ports/current-members';
import { asId } from '@coucou/domain/kernel/ids';
import type { SessionPool } from '../kit/session.ts';
import { readOnce } from '../kit/unit-of-work.ts';

// Row by row, by key: by its statistics the planner may think that reading all conversations of the account costs less.
const OF_USER = `
  select c.id, c.access_version, c.version, c.receipts_version from member m
  cross join lateral (select * from conversation o where o.account_id = m.account_id and o.id = m.conversation_id limit 1) c
  where m.user_id = $1 and m.left_at is null
  order by coalesce(c.last_message_at, c.created_at) desc limit $2`;

const PRESENT = `
  select c.access_version, array(
    select m.user_id::text from member m
    where m.account_id = c.account_id and m.conversation_id = c.id and m.user_id = any($2::uuid[]) and m.left_at is null
  ) as present
  from conversation c where c.id = $1`;

type FollowingRow = Readonly<{ id: string; access_version: number; version: number; receipts_version: number }>;

export function createCurrentMembers(pool: SessionPool): CurrentMembers {
  return {
    async ofUser(account, user, limit) {
      const rows = await readOnce<FollowingRow>(pool, account, OF_USER, [user, limit], 'memberships-of-user');
      return rows.map((row) => ({
        conversationId: asId(row.id),
        accessVersion: row.access_version,
        version: row.version,
        receiptsVersion: row.receipts_version,
      }));
    },
    async present(account, conversation, among) {
      const rows = await readOnce<{ access_version: number; present: string[] }>(
        pool,
        account,
        PRESENT,
        [conversation, among],
        'present-members',
      );
      const [row] = rows;
      return { accessVersion: row?.access_version ?? 0, userIds: new Set((row?.present ?? []).map((id) => asId<'user'>(id))) };
    },
  };
}
