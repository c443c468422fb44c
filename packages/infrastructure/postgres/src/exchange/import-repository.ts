import { defaultSettings } from '@coucou/domain/conversations/conversation';
import type {
  ImportedConversation,
  ImportedMessage,
  ImportedMessageStatus,
  ImportRepository,
} from '@coucou/domain/exchange/import-repository';
import { asId, type ConversationId } from '@coucou/domain/kernel/ids';
import { CompiledQuery, type Kysely } from 'kysely';
import { toMember } from '../conversations/conversation-rows.ts';
import { requestHash } from '../messages/append-batch.ts';
import type { Tables } from '../tables.ts';
import * as statements from './import-statements.ts';

const pairOf = ({ people: [a, b] }: Extract<ImportedConversation, { type: 'direct' }>) =>
  a < b ? { direct_lower: a, direct_higher: b } : { direct_lower: b, direct_higher: a };

const conversationRow = (given: ImportedConversation) => ({
  account_id: given.accountId,
  id: given.id,
  type: given.type,
  created_by: given.createdBy,
  created_at: given.createdAt,
  ...(given.type === 'direct'
    ? { visibility: 'private', settings: defaultSettings, ...pairOf(given) }
    : {
        visibility: given.visibility,
        title: given.title,
        description: given.description,
        avatar_url: given.avatarUrl,
        custom: given.custom,
        settings: given.settings,
      }),
});

/** A message before it in the batch. */
type Before = Readonly<{ index: number; isReply: boolean }>;

/** A deleted message has no content, and nothing that belonged to it. */
function messageRow(message: ImportedMessage, index: number, attachments: ReadonlySet<string>, before: ReadonlyMap<string, Before>) {
  const { id, conversationId, senderId, type, replyToId, threadRootId, createdAt, deletedAt } = message;
  const root = before.get(threadRootId ?? '');
  const base = {
    request_index: index,
    conversation_id: conversationId,
    message_id: id,
    sender_id: senderId,
    type,
    reply_to_id: replyToId,
    reply_index: before.get(replyToId ?? '')?.index,
    thread_root_id: threadRootId,
    root_index: root?.isReply === false ? root.index : undefined,
    created_at: createdAt,
    deleted_at: deletedAt,
  };
  if (deletedAt !== undefined) return { ...base, request_hash: requestHash({ type, content: undefined, data: undefined }) };
  return {
    ...base,
    request_hash: requestHash({ type, content: message.content, data: message.data }),
    content: message.content,
    data: message.data,
    mentions: message.mentions,
    mention_all: message.mentionAll,
    attachment_ids: message.attachmentIds.filter((attachment) => attachments.has(attachment)),
    forwarded: message.forwarded,
    edited_at: message.editedAt,
    pinned_at: message.pinned?.at,
    pinned_by: message.pinned?.by,
  };
}

export function createImportRepository(db: Kysely<Tables>): ImportRepository {
  const ask = async <R>(text: string, ...params: readonly unknown[]): Promise<R[]> =>
    (await db.executeQuery<R>(CompiledQuery.raw(text, [...params]))).rows;
  const lock = (conversations: readonly ConversationId[]) => ask(statements.LOCK, [...new Set(conversations)]);

  /** Of these, in order: where a statement does not find one, it was another's. */
  const found = async (table: 'app_user' | 'attachment', ids: readonly string[]): Promise<ReadonlySet<string>> => {
    if (ids.length === 0) return new Set();
    const rows = await db
      .selectFrom(table)
      .select('id')
      .where('id', 'in', [...new Set(ids)])
      .execute();
    return new Set(rows.map(({ id }) => id));
  };

  return {
    knownPeople: async (ids) => new Set([...(await found('app_user', ids))].map((id) => asId<'user'>(id))),

    async addConversations(conversations) {
      const added = await ask<{ id: string }>(statements.ADD_CONVERSATIONS, JSON.stringify(conversations.map(conversationRow)));
      const isNew = new Set(added.map(({ id }) => id));
      const pairs = conversations.flatMap((each) => (each.type === 'direct' && !isNew.has(each.id) ? [pairOf(each)] : []));
      const [lower, higher] = [pairs.map((pair) => pair.direct_lower), pairs.map((pair) => pair.direct_higher)];
      const known =
        pairs.length === 0 ? [] : await ask<{ id: string; direct_lower: string; direct_higher: string }>(statements.DIRECTS, lower, higher);
      const ofPair = new Map(known.map(({ id, direct_lower: a, direct_higher: b }) => [a + b, asId<'conversation'>(id)]));
      const groups = conversations.filter(({ type, id }) => type === 'group' && !isNew.has(id)).map(({ id }) => id);
      const others =
        groups.length === 0
          ? []
          : await db.selectFrom('conversation').select('id').where('id', 'in', groups).where('type', '<>', 'group').execute();
      const isOther = new Set<string>(others.map(({ id }) => id));
      return conversations.map((each) => {
        if (each.type === 'group' || isNew.has(each.id)) return { id: each.id, added: isNew.has(each.id), isOther: isOther.has(each.id) };
        const pair = pairOf(each);
        const id = ofPair.get(pair.direct_lower + pair.direct_higher);
        return { id: id ?? each.id, added: false, isOther: id === undefined };
      });
    },

    async addMembers(members) {
      await lock(members.map(({ conversationId }) => conversationId));
      const rows = members.map(({ conversationId, userId, role, joinedAt }) => ({
        conversation_id: conversationId,
        user_id: userId,
        role,
        joined_at: joinedAt,
      }));
      const { numAffectedRows } = await db.executeQuery(CompiledQuery.raw(statements.ADD_MEMBERS, [JSON.stringify(rows)]));
      return Number(numAffectedRows ?? 0);
    },

    async addMessages(messages) {
      const attachments = await found(
        'attachment',
        messages.flatMap(({ attachmentIds }) => attachmentIds),
      );
      const before = new Map<string, Before>();
      const rows = messages.map((message, index) => {
        const row = messageRow(message, index, attachments, before);
        if (!before.has(message.id)) before.set(message.id, { index, isReply: message.threadRootId !== undefined });
        return row;
      });
      const answers = await ask<{ request_index: number; status: ImportedMessageStatus }>(
        'select * from import_messages($1::json)',
        JSON.stringify(rows),
      );
      const statuses: ImportedMessageStatus[] = [];
      for (const { request_index: index, status } of answers) statuses[index] = status;
      return statuses;
    },

    async addReactions(reactions) {
      await lock(reactions.map(({ conversationId }) => conversationId));
      const rows = reactions.map(({ conversationId, messageId, userId, emoji, createdAt }) => ({
        conversation_id: conversationId,
        message_id: messageId,
        user_id: userId,
        emoji,
        created_at: createdAt,
      }));
      const [answer] = await ask<{ added: number }>(statements.ADD_REACTIONS, JSON.stringify(rows));
      return answer?.added ?? 0;
    },

    async setReceipts(receipts) {
      await lock(receipts.map(({ conversationId }) => conversationId));
      const rows = receipts.map(({ conversationId, userId, messageId }) => ({
        conversation_id: conversationId,
        user_id: userId,
        message_id: messageId,
      }));
      const marks = await ask<object>(statements.SET_RECEIPTS, JSON.stringify(rows));
      await ask(statements.MARK_RECEIPTS, JSON.stringify(marks));
    },

    async admit(conversation) {
      await lock([conversation]);
      const [answer] = await ask<{ people: number }>(statements.ADMIT, conversation);
      return answer?.people ?? 0;
    },

    async waiting(conversations) {
      const rows = await ask<{ id: string }>(statements.WAITING, conversations);
      return rows.map(({ id }) => asId(id));
    },

    async admitted(conversation, version, after, limit) {
      const rows = await db
        .selectFrom('member')
        .selectAll()
        .where('conversation_id', '=', conversation)
        .where('joined_version', '=', version)
        .where('left_at', 'is', null)
        .$if(after !== undefined, (query) => query.where('user_id', '>', after ?? ''))
        .orderBy('user_id')
        .limit(limit)
        .execute();
      return rows.map(toMember);
    },
  };
}
