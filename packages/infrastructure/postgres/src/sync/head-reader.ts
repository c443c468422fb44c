import type { ConversationHead, HeadReader } from '@coucou/application/ports/head-reader';
import { asId } from '@coucou/domain/kernel/ids';
import { headOf } from '../conversations/conversation-head.ts';
import type { SessionPool } from '../kit/session.ts';
import { readOnce } from '../kit/unit-of-work.ts';

const CONVERSATIONS = `
  select c.id, h.version, h.receipts_version, h.access_version
  from conversation c cross join lateral ${headOf('c.account_id', 'c.id')} h where c.id = any($1::uuid[]) and c.deleted_at is null`;
// Nobody is left in a conversation that was deleted.
const OF_MEMBER = `
  select h.conversation_id as id, h.version, h.receipts_version, h.access_version from member m
  cross join lateral ${headOf('m.account_id', 'm.conversation_id')} h
  where m.user_id = $1 and m.left_at is null`;
const USERS = 'select id, user_version from app_user where id = any($1::uuid[])';

const MEMBERSHIPS = `
  select u.id, count(m.conversation_id) as count,
    coalesce(sum(('x' || right(m.conversation_id::text, 8))::bit(32)::bigint), 0)::bigint as sum
  from unnest($1::uuid[]) u(id) left join member m on m.user_id = u.id and m.left_at is null
  group by u.id`;

type ConversationRow = Readonly<{ id: string; version: number; receipts_version: number; access_version: number }>;

const toHead = (row: ConversationRow): ConversationHead => ({
  id: asId(row.id),
  version: row.version,
  receiptsVersion: row.receipts_version,
  accessVersion: row.access_version,
});

export function createHeadReader(pool: SessionPool): HeadReader {
  return {
    async ofConversations(account, ids) {
      return (await readOnce<ConversationRow>(pool, account, CONVERSATIONS, [ids], 'conversation-heads')).map(toHead);
    },
    async ofMember(account, user) {
      return (await readOnce<ConversationRow>(pool, account, OF_MEMBER, [user], 'member-heads')).map(toHead);
    },
    async memberships(account, ids) {
      const rows = await readOnce<{ id: string; count: number; sum: number }>(pool, account, MEMBERSHIPS, [ids], 'memberships');
      return rows.map((row) => ({ ...row, id: asId(row.id) }));
    },
    async ofUsers(account, ids) {
      const rows = await readOnce<{ id: string; user_version: number }>(pool, account, USERS, [ids], 'user-heads');
      return rows.map((row) => ({ id: asId(row.id), userVersion: row.user_version }));
    },
  };
}
