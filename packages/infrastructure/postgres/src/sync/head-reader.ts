import type { ConversationHead, HeadReader } from '@coucou/application/ports/head-reader';
import { asId } from '@coucou/domain/kernel/ids';
import type { SessionPool } from '../kit/session.ts';
import { readOnce } from '../kit/unit-of-work.ts';

const CONVERSATIONS =
  'select id, version, receipts_version, access_version from conversation where id = any($1::uuid[]) and deleted_at is null';
// Row by row, by key: by its statistics the planner may think that reading all conversations of the account costs less.
const OF_MEMBER = `
  select c.id, c.version, c.receipts_version, c.access_version from member m
  cross join lateral (select * from conversation o where o.account_id = m.account_id and o.id = m.conversation_id limit 1) c
  where m.user_id = $1 and m.left_at is null and c.deleted_at is null`;
const USERS = 'select id, user_version from app_user where id = any($1::uuid[])';

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
    async ofUsers(account, ids) {
      const rows = await readOnce<{ id: string; user_version: number }>(pool, account, USERS, [ids], 'user-heads');
      return rows.map((row) => ({ id: asId(row.id), userVersion: row.user_version }));
    },
  };
}
