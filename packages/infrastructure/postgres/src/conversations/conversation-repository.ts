import type { Conversation, Member } from '@coucou/domain/conversations/conversation';
import type { ConversationRepository } from '@coucou/domain/conversations/conversation-repository';
import { asId, type UserId } from '@coucou/domain/kernel/ids';
import { type Insertable, type Kysely, sql } from 'kysely';
import { CONVERSATIONS, updateHead } from './conversation-head.ts';
import { type ConversationRow, toConversation, toMember } from './conversation-rows.ts';
import type { Tables } from '../tables.ts';
import type { ConversationHeadTable, ConversationTable, MemberTable } from './tables.ts';

const pairOf = (a: UserId, b: UserId) => (a < b ? { direct_lower: a, direct_higher: b } : { direct_lower: b, direct_higher: a });

function conversationRow(conversation: Conversation, members: readonly Member[]): Insertable<ConversationTable> {
  const [first, second] = members;
  const pair =
    conversation.type === 'direct' && first && second ? pairOf(first.userId, second.userId) : { direct_lower: null, direct_higher: null };
  return {
    account_id: conversation.accountId,
    id: conversation.id,
    type: conversation.type,
    visibility: conversation.visibility,
    title: conversation.title ?? null,
    description: conversation.description ?? null,
    avatar_url: conversation.avatarUrl ?? null,
    custom: conversation.custom === undefined ? null : JSON.stringify(conversation.custom),
    settings: JSON.stringify(conversation.settings),
    ...pair,
    created_by: conversation.createdBy,
    created_at: conversation.createdAt,
    member_count: conversation.memberCount,
    changed_version: conversation.version,
  };
}

const headRow = (conversation: Conversation): Insertable<ConversationHeadTable> => ({
  account_id: conversation.accountId,
  conversation_id: conversation.id,
  last_seq: conversation.lastSeq,
  version: conversation.version,
  receipts_version: conversation.receiptsVersion,
  access_version: conversation.accessVersion,
  countable: conversation.countable,
  active_at: conversation.createdAt,
});

/** A membership begins with everything so far read. */
const memberRow = (conversation: Conversation, member: Member): Insertable<MemberTable> => ({
  account_id: conversation.accountId,
  conversation_id: conversation.id,
  user_id: member.userId,
  role: member.role,
  joined_at: member.joinedAt,
  joined_seq: member.joinedSeq,
  joined_version: member.version,
  delivered_seq: member.deliveredSeq,
  read_seq: member.readSeq,
  unread_from_seq: null,
  unread_base: conversation.countable,
  own_since: 0,
  version: member.version,
  posting_muted_until: member.postingMutedUntil ?? null,
  notify_muted_until: null,
  left_at: null,
});

export function createConversationRepository(db: Kysely<Tables>): ConversationRepository {
  const takeVersion = ({ id, version, accessVersion }: Conversation) => updateHead(db, id, { version, access_version: accessVersion });

  const updateCounters = async (conversation: Conversation) => {
    await takeVersion(conversation);
    await db
      .updateTable('conversation')
      .set({ member_count: conversation.memberCount, changed_version: conversation.version })
      .where('id', '=', conversation.id)
      .execute();
  };

  /** Memberships of those who were there before begin anew. Answers whose. */
  const rejoin = async (rows: readonly Insertable<MemberTable>[]): Promise<Set<string>> => {
    const { rows: back } = await sql<{ user_id: string }>`
      update member m set
        role = r.role, joined_at = r.joined_at, joined_seq = r.joined_seq,
        joined_version = r.joined_version, delivered_seq = r.delivered_seq, read_seq = r.read_seq,
        unread_from_seq = r.unread_from_seq, unread_base = r.unread_base, own_since = r.own_since, version = r.version,
        posting_muted_until = r.posting_muted_until, notify_muted_until = r.notify_muted_until, notify = default, archived = default,
        pinned = default, left_at = r.left_at
      from json_populate_recordset(null::member, ${JSON.stringify(rows)}::json) r
      where m.account_id = r.account_id and m.conversation_id = r.conversation_id and m.user_id = r.user_id
      returning m.user_id`.execute(db);
    return new Set(back.map(({ user_id }) => user_id));
  };

  return {
    async lookup(id) {
      const { rows } = await sql<ConversationRow>`${sql.raw(CONVERSATIONS)} where x.id = ${id} and x.deleted_at is null`.execute(db);
      return rows[0] && toConversation(rows[0]);
    },

    async lock(id) {
      const { rows } = await sql<{ row: ConversationRow | null }>`select lock_conversation(${id}) as row`.execute(db);
      return rows[0]?.row ? toConversation(rows[0].row) : undefined;
    },

    async lookupDirect(a, b) {
      const { direct_lower, direct_higher } = pairOf(a, b);
      const { rows } = await sql<ConversationRow>`
        ${sql.raw(CONVERSATIONS)} where x.direct_lower = ${direct_lower} and x.direct_higher = ${direct_higher}`.execute(db);
      return rows[0] && toConversation(rows[0]);
    },

    async add({ conversation, members }) {
      const inserted = await db
        .insertInto('conversation')
        .values(conversationRow(conversation, members))
        .onConflict((oc) => oc.columns(['account_id', 'direct_lower', 'direct_higher']).where('direct_lower', 'is not', null).doNothing())
        .returning('id')
        .executeTakeFirst();
      if (inserted === undefined) return false;
      await db.insertInto('conversation_head').values(headRow(conversation)).execute();
      await db
        .insertInto('member')
        .values(members.map((member) => memberRow(conversation, member)))
        .execute();
      return true;
    },

    async members(id, userIds) {
      if (userIds.length === 0) return [];
      const rows = await db.selectFrom('member').selectAll().where('conversation_id', '=', id).where('user_id', 'in', userIds).execute();
      return rows.map(toMember);
    },

    async raiseAccess(id) {
      await updateHead(db, id, { access_version: sql`access_version + 1` });
    },

    async countOwned(userId, most) {
      const row = await db
        .selectFrom((eb) =>
          eb
            .selectFrom('member')
            .select('conversation_id')
            .where('user_id', '=', userId)
            .where('role', '=', 'owner')
            .where('left_at', 'is', null)
            .limit(most)
            .as('owned'),
        )
        .select((eb) => eb.fn.countAll<number>().as('count'))
        .executeTakeFirstOrThrow();
      return row.count;
    },
    async countOwners(id) {
      const row = await db
        .selectFrom('member')
        .select((eb) => eb.fn.countAll<number>().as('owners'))
        .where('conversation_id', '=', id)
        .where('role', '=', 'owner')
        .where('left_at', 'is', null)
        .where('joined_at', 'is not', null)
        .executeTakeFirstOrThrow();
      return row.owners;
    },

    async admit({ conversation, members }) {
      await updateCounters(conversation);
      const rows = members.map((member) => memberRow(conversation, member));
      // Under the lock of the head, which alone keeps a membership from being there twice: its key ends in the era.
      const back = await rejoin(rows);
      const added = rows.filter(({ user_id }) => !back.has(user_id));
      if (added.length > 0) await db.insertInto('member').values(added).execute();
    },

    async depart({ conversation, member }) {
      await updateCounters(conversation);
      await db
        .updateTable('member')
        .set({ left_at: member.leftAt ?? null, version: member.version })
        .where('conversation_id', '=', conversation.id)
        .where('user_id', '=', member.userId)
        .execute();
    },

    async update(conversation) {
      await takeVersion(conversation);
      await db
        .updateTable('conversation')
        .set({
          visibility: conversation.visibility,
          title: conversation.title ?? null,
          description: conversation.description ?? null,
          avatar_url: conversation.avatarUrl ?? null,
          custom: conversation.custom === undefined ? null : JSON.stringify(conversation.custom),
          settings: JSON.stringify(conversation.settings),
          status: conversation.status,
          assignee_id: conversation.assigneeId ?? null,
          labels: [...conversation.labels],
          changed_version: conversation.version,
        })
        .where('id', '=', conversation.id)
        .execute();
    },

    async trim(conversation) {
      await takeVersion(conversation);
      await db
        .updateTable('conversation')
        .set({
          first_seq: conversation.firstSeq,
          trimmed_version: conversation.trimmedVersion,
          changed_version: conversation.version,
        })
        .where('id', '=', conversation.id)
        .execute();
    },

    async updateMembers({ conversation, members }) {
      await takeVersion(conversation);
      for (const member of members)
        await db
          .updateTable('member')
          .set({ role: member.role, posting_muted_until: member.postingMutedUntil ?? null, version: member.version })
          .where('conversation_id', '=', conversation.id)
          .where('user_id', '=', member.userId)
          .execute();
    },

    async close(conversation, at) {
      await updateCounters(conversation);
      await db.updateTable('conversation').set({ deleted_at: at }).where('id', '=', conversation.id).execute();
      const ended = await db
        .updateTable('member')
        .set({ left_at: at, version: conversation.version })
        .where('conversation_id', '=', conversation.id)
        .where('left_at', 'is', null)
        .returning('user_id')
        .execute();
      return ended.map((row) => asId<'user'>(row.user_id));
    },
  };
}
