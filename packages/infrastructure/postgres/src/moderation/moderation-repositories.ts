import type { WordLists } from '@coucou/application/moderation/word-lists';
import { WordRules } from '@coucou/application/moderation/repositories';
import type { Transactions } from '@coucou/application/ports/unit-of-work';
import { asId } from '@coucou/domain/kernel/ids';
import type { ReportRepository, SuspensionRepository, WordRuleRepository } from '@coucou/domain/moderation/moderation-repositories';
import type { Report } from '@coucou/domain/moderation/report';
import { WordList } from '@coucou/domain/moderation/word-list';
import { User } from '@coucou/domain/users/user';
import { type Kysely, type Selectable, sql } from 'kysely';
import { LRUCache } from 'lru-cache';
import { HISTORY_FLOOR } from '../conversations/conversation-reader.ts';
import { toUser, userColumns } from '../users/user-rows.ts';
import type { Tables } from '../tables.ts';
import type { ReportTable } from './tables.ts';

const toReport = (row: Selectable<ReportTable>): Report => ({
  accountId: asId(row.account_id),
  id: asId(row.id),
  reporterId: asId(row.reporter_id),
  subject:
    row.kind === 'user' || row.message_id === null || row.conversation_id === null || row.seq === null
      ? { kind: 'user', userId: asId(row.user_id), snapshot: row.snapshot }
      : {
          kind: 'message',
          messageId: asId(row.message_id),
          conversationId: asId(row.conversation_id),
          seq: row.seq,
          userId: asId(row.user_id),
          snapshot: row.snapshot,
        },
  reason: row.reason,
  createdAt: row.created_at,
});

type SeenRow = Readonly<{ conversation_id: string; seq: number; sender_id: string; snapshot: Record<string, unknown> }>;

export function createReportRepository(db: Kysely<Tables>): ReportRepository {
  return {
    async findMessage(viewer, message) {
      const { rows } = await sql<SeenRow>`
        select x.conversation_id, x.seq, x.sender_id, json_build_object(
          'type', x.type, 'content', x.content, 'data', x.data, 'parts', x.parts, 'createdAt', x.created_at, 'editedAt', x.edited_at,
          'attachments', (select json_agg(json_build_object('id', f.id, 'name', f.name, 'type', f.type, 'size', f.size))
            from attachment f where f.account_id = x.account_id and f.id = any(x.attachment_ids))) as snapshot
        from message x
        join conversation c on c.account_id = x.account_id and c.id = x.conversation_id and c.deleted_at is null
        join member m on m.account_id = x.account_id and m.conversation_id = x.conversation_id and m.user_id = ${viewer} and m.left_at is null
        where x.id = ${message} and x.deleted_at is null and x.seq > ${sql.raw(HISTORY_FLOOR)}
          and not exists (select from hide h where h.account_id = x.account_id and h.user_id = m.user_id
            and h.conversation_id = x.conversation_id and h.seq = x.seq)`.execute(db);
      const [row] = rows;
      if (row === undefined) return undefined;
      const { conversation_id, seq, sender_id, snapshot } = row;
      return { kind: 'message', messageId: message, conversationId: asId(conversation_id), seq, userId: asId(sender_id), snapshot };
    },

    async add({ accountId, id, reporterId, subject, reason, createdAt }) {
      const of = subject.kind === 'message' ? subject : undefined;
      const row = await db
        .insertInto('report')
        .values({
          account_id: accountId,
          id,
          reporter_id: reporterId,
          kind: subject.kind,
          user_id: subject.userId,
          message_id: of?.messageId ?? null,
          conversation_id: of?.conversationId ?? null,
          seq: of?.seq ?? null,
          snapshot: JSON.stringify(subject.snapshot),
          reason,
          created_at: createdAt,
        })
        .onConflict((oc) => oc.doNothing())
        .returning('id')
        .executeTakeFirst();
      return row !== undefined;
    },

    async lookup(reporter, subject) {
      const base = db.selectFrom('report').selectAll().where('reporter_id', '=', reporter).where('kind', '=', subject.kind);
      const row = await (subject.kind === 'message'
        ? base.where('message_id', '=', subject.messageId)
        : base.where('user_id', '=', subject.userId)
      ).executeTakeFirst();
      return row && toReport(row);
    },
  };
}

export function createWordRuleRepository(db: Kysely<Tables>): WordRuleRepository {
  return {
    list: () => db.selectFrom('word_rule').select(['word', 'action']).orderBy('word').execute(),
    async put({ word, action }) {
      await sql`insert into word_rule (account_id, word, action)
        values (nullif(current_setting('app.account_id', true), '')::uuid, ${word}, ${action})
        on conflict (account_id, word) do update set action = excluded.action`.execute(db);
    },
    async remove(word) {
      const { numDeletedRows } = await db.deleteFrom('word_rule').where('word', '=', word).executeTakeFirst();
      return numDeletedRows > 0n;
    },
  };
}

export function createSuspensionRepository(db: Kysely<Tables>): SuspensionRepository {
  return {
    async since(userId) {
      const row = await db.selectFrom('app_user').select('suspended_at').where('id', '=', userId).executeTakeFirst();
      return row?.suspended_at ?? undefined;
    },
    async findByUsername(username) {
      const row = await db
        .selectFrom('app_user')
        .select(userColumns)
        .where('username_key', '=', User.usernameKey(username))
        .executeTakeFirst();
      return row && toUser(row);
    },
    async set(userId, suspended) {
      await db
        .updateTable('app_user')
        .set({ suspended_at: suspended ? sql<Date>`coalesce(suspended_at, clock_now())` : null })
        .where('id', '=', userId)
        .where('deleted_at', 'is', null)
        .execute();
    },
  };
}

/** Time to live of a cached list. */
const FRESH_MS = 5_000;

/** Concurrent loads are shared, so that a burst of messages causes one query. */
export function createWordLists(transactions: Transactions): WordLists {
  const cache = new LRUCache<string, WordList>({
    max: 10_000,
    ttl: FRESH_MS,
    fetchMethod: async (account) => WordList.of(await transactions.read(asId(account), (tx) => tx.repository(WordRules).list())),
  });
  return {
    async of(account) {
      return (await cache.fetch(account)) ?? WordList.of([]);
    },
  };
}
