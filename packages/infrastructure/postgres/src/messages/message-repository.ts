import { asId } from '@coucou/domain/kernel/ids';
import type { Message } from '@coucou/domain/messages/message';
import type { MessageRepository } from '@coucou/domain/messages/message-repository';
import { type Kysely, sql } from 'kysely';
import { headOf, updateHead } from '../conversations/conversation-head.ts';
import { HISTORY_FLOOR } from '../conversations/conversation-reader.ts';
import { PAIR_BLOCKED, restrictions, type SnapshotRow, toSnapshot } from './posting-snapshots.ts';
import { type MessageRow, messageSelect, notHidden, toMessage } from './message-rows.ts';
import type { Tables } from '../tables.ts';

type OpenedRow = MessageRow & Omit<SnapshotRow, 'type'> & Readonly<{ conversation_type: SnapshotRow['type']; withheld: boolean }>;

/** `w.floor` is the highest that any present member of the conversation `c` has: what is above it, everybody may see. */
const HIGHEST_FLOOR = `cross join lateral (
    select case when begins_with_joining(c.settings) then coalesce((
      select max(j.joined_seq) from member j where j.account_id = c.account_id and j.conversation_id = c.id and j.left_at is null and j.joined_at is not null), 0) else 0 end as floor
  ) w`;

/**
 * The message by its id, and only then of the
 * conversation: one that no statistics know of would be read from end to end.
 */
const OPEN = `
  select ${messageSelect('x', 'v.viewer', 'o.seq > w.floor')},
    c.type as conversation_type, c.settings, h.access_version, m.role, m.left_at, m.posting_muted_until, ${PAIR_BLOCKED} as blocked, ${restrictions('v.viewer')},
    x.seq <= w.floor as withheld
  from v
  join conversation c on c.id = v.conversation
  cross join lateral ${headOf('c.account_id', 'c.id')} h
  join member m on m.account_id = c.account_id and m.conversation_id = c.id and m.user_id = v.viewer and m.left_at is null
  cross join lateral (select * from message y where y.account_id = c.account_id and y.id = v.message offset 0) x
  ${HIGHEST_FLOOR}
  where x.conversation_id = c.id and x.seq > ${HISTORY_FLOOR} and ${notHidden('x', 'v.viewer')}`;

/** The message by its id, as everybody in the conversation may see it. */
const LOOK_UP = `
  select ${messageSelect('x', undefined, 'o.seq > w.floor')}, x.seq <= w.floor as withheld
  from v
  join conversation c on c.id = v.conversation
  cross join lateral (select * from message y where y.account_id = c.account_id and y.id = v.message offset 0) x
  ${HIGHEST_FLOOR}
  where x.conversation_id = c.id`;

const countsOf = ({ reactions }: Message): string =>
  JSON.stringify(Object.fromEntries(reactions.map(({ emoji, count }) => [emoji, count])));

export function createMessageRepository(db: Kysely<Tables>): MessageRepository {
  const row = (message: Message) => ({ conversation_id: message.conversationId, seq: message.seq });

  const takeVersion = ({ conversationId, version }: Message) => updateHead(db, conversationId, { version });

  const update = (message: Message) =>
    db.updateTable('message').where('conversation_id', '=', message.conversationId).where('seq', '=', message.seq);

  const replaceMentions = async (message: Message) => {
    await db.deleteFrom('mention').where('conversation_id', '=', message.conversationId).where('seq', '=', message.seq).execute();
    // Nobody has an unread message of their own.
    const others = message.mentions.filter((userId) => userId !== message.senderId);
    if (others.length === 0) return;
    const rows = others.map((userId) => ({ account_id: message.accountId, user_id: userId, ...row(message) }));
    await db.insertInto('mention').values(rows).execute();
  };

  return {
    async conversationOf(id, member) {
      const found = await db
        .selectFrom('message as x')
        .innerJoin('member as m', (on) =>
          on.onRef('m.account_id', '=', 'x.account_id').onRef('m.conversation_id', '=', 'x.conversation_id'),
        )
        .select('x.conversation_id')
        .where('x.id', '=', id)
        .where('m.user_id', '=', member)
        .where('m.left_at', 'is', null)
        .executeTakeFirst();
      return found && asId(found.conversation_id);
    },

    async open(conversation, id, viewer) {
      const asked = sql`with v(conversation, message, viewer) as (values (${conversation.id}::uuid, ${id}::uuid, ${viewer}::uuid)) `;
      const { rows } = await sql<OpenedRow>`${asked}${sql.raw(OPEN)}`.execute(db);
      const [found] = rows;
      if (found === undefined) return undefined;
      const { member, ...snapshot } = toSnapshot({ ...found, type: found.conversation_type });
      return (
        member && {
          conversation,
          message: toMessage(found, conversation.accountId, conversation.id),
          viewer,
          snapshot: { ...snapshot, member },
          withheld: found.withheld,
        }
      );
    },

    async lookup(conversation, id) {
      const asked = sql`with v(conversation, message) as (values (${conversation.id}::uuid, ${id}::uuid)) `;
      const { rows } = await sql<MessageRow & Readonly<{ withheld: boolean }>>`${asked}${sql.raw(LOOK_UP)}`.execute(db);
      const [found] = rows;
      return found && { conversation, message: toMessage(found, conversation.accountId, conversation.id), withheld: found.withheld };
    },

    async edit(edited, former) {
      await takeVersion(edited);
      await db
        .insertInto('message_edit')
        .values({
          account_id: edited.accountId,
          ...row(edited),
          version: edited.version,
          content: former.content ?? null,
          edited_at: edited.editedAt ?? new Date(),
          edited_by: edited.senderId,
        })
        .execute();
      await update(edited)
        .set({
          content: edited.content ?? null,
          mentions: [...edited.mentions],
          mention_all: edited.mentionAll,
          version: edited.version,
          edited_at: edited.editedAt ?? null,
        })
        .execute();
      await replaceMentions(edited);
    },

    async erase(deleted) {
      await takeVersion(deleted);
      await update(deleted)
        .set({
          content: null,
          data: null,
          parts: null,
          mentions: [],
          mention_all: false,
          attachment_ids: [],
          reactions: '{}',
          pinned_at: null,
          pinned_by: null,
          version: deleted.version,
          deleted_at: deleted.deletedAt ?? null,
        })
        .execute();
      await replaceMentions(deleted);
      for (const table of ['reaction', 'attachment_use'] as const)
        await db.deleteFrom(table).where('conversation_id', '=', deleted.conversationId).where('seq', '=', deleted.seq).execute();
    },

    async react(message, user, emoji, added, at) {
      await takeVersion(message);
      await update(message)
        .set({ reactions: countsOf(message), version: message.version })
        .execute();
      if (added) {
        const reaction = { account_id: message.accountId, ...row(message), user_id: user, emoji, created_at: at };
        await db.insertInto('reaction').values(reaction).execute();
      } else {
        await db
          .deleteFrom('reaction')
          .where('conversation_id', '=', message.conversationId)
          .where('seq', '=', message.seq)
          .where('user_id', '=', user)
          .where('emoji', '=', emoji)
          .execute();
      }
    },

    async amend(message) {
      await takeVersion(message);
      await update(message)
        .set({ parts: JSON.stringify(message.parts), version: message.version })
        .execute();
    },

    async pin(message, by, at) {
      await takeVersion(message);
      const pinned = message.pinned ? { pinned_at: at, pinned_by: by } : { pinned_at: null, pinned_by: null };
      await update(message)
        .set({ ...pinned, version: message.version })
        .execute();
    },

    async countPins(id) {
      const { pins } = await db
        .selectFrom('message')
        .select((eb) => eb.fn.countAll<number>().as('pins'))
        .where('conversation_id', '=', id)
        .where('pinned_at', 'is not', null)
        .executeTakeFirstOrThrow();
      return pins;
    },

    async hide(message, user) {
      const hidden = await db
        .insertInto('hide')
        .values({ account_id: message.accountId, user_id: user, ...row(message) })
        .onConflict((oc) => oc.doNothing())
        .returning('seq')
        .executeTakeFirst();
      return hidden !== undefined;
    },
  };
}
