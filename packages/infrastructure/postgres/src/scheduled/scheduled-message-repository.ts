import { asId } from '@coucou/domain/kernel/ids';
import type { ScheduledMessage } from '@coucou/domain/scheduled/scheduled-message';
import type { ScheduledMessageRepository } from '@coucou/domain/scheduled/scheduled-message-repository';
import { type Kysely, type Selectable } from 'kysely';
import { lockInAccount } from '../kit/account-lock.ts';
import { orUndefined } from '../kit/nullable.ts';
import type { Tables } from '../tables.ts';
import type { ScheduledMessageTable } from './tables.ts';

export const toScheduledMessage = (row: Selectable<ScheduledMessageTable>): ScheduledMessage => ({
  accountId: asId(row.account_id),
  id: asId(row.id),
  owner: row.owner,
  senderId: asId(row.sender_id),
  conversationId: asId(row.conversation_id),
  status: row.status,
  revision: row.revision,
  type: row.type,
  content: orUndefined(row.content),
  data: orUndefined(row.data),
  replyToId: row.reply_to_id === null ? undefined : asId(row.reply_to_id),
  threadRootId: row.thread_root_id === null ? undefined : asId(row.thread_root_id),
  attachmentIds: row.attachment_ids.map((id) => asId(id)),
  mentions: [...row.mentions.map((id) => asId<'user'>(id)), ...(row.mention_all ? (['@all'] as const) : [])],
  expiresInSeconds: orUndefined(row.expires_in_seconds),
  startsAt: row.starts_at,
  recurrence: row.rrule === null || row.time_zone === null ? undefined : { rrule: row.rrule, timeZone: row.time_zone },
  nextAt: row.next_at,
  refusals: row.refusals,
  refusal: orUndefined(row.refusal),
  createdAt: row.created_at,
  updatedAt: row.updated_at,
});

const toRow = (scheduled: ScheduledMessage) => ({
  status: scheduled.status,
  revision: scheduled.revision,
  type: scheduled.type,
  content: scheduled.content ?? null,
  data: scheduled.data === undefined ? null : JSON.stringify(scheduled.data),
  reply_to_id: scheduled.replyToId ?? null,
  thread_root_id: scheduled.threadRootId ?? null,
  attachment_ids: [...scheduled.attachmentIds],
  mentions: scheduled.mentions.filter((mention) => mention !== '@all'),
  mention_all: scheduled.mentions.includes('@all'),
  expires_in_seconds: scheduled.expiresInSeconds ?? null,
  starts_at: scheduled.startsAt,
  next_at: scheduled.nextAt,
  rrule: scheduled.recurrence?.rrule ?? null,
  time_zone: scheduled.recurrence?.timeZone ?? null,
  refusals: scheduled.refusals,
  refusal: scheduled.refusal ?? null,
  updated_at: scheduled.updatedAt,
});

export function createScheduledMessageRepository(db: Kysely<Tables>): ScheduledMessageRepository {
  const byId = (id: string) => db.selectFrom('scheduled_message').selectAll().where('id', '=', id);
  return {
    async lookup(id) {
      const row = await byId(id).executeTakeFirst();
      return row && toScheduledMessage(row);
    },

    async lock(id) {
      const row = await byId(id).forUpdate().executeTakeFirst();
      return row && toScheduledMessage(row);
    },

    async lockCount(owner, sender) {
      if (owner === 'person') await db.selectFrom('app_user').select('id').where('id', '=', sender).forNoKeyUpdate().executeTakeFirst();
      else await lockInAccount(db, 'scheduled');
      // A statement of its own: it sees what others committed while this one waited for the lock.
      const { scheduled } = await db
        .selectFrom('scheduled_message')
        .select((eb) => eb.fn.countAll<number>().as('scheduled'))
        .where('owner', '=', owner)
        .$if(owner === 'person', (query) => query.where('sender_id', '=', sender).where('created_at', 'is not', null))
        .executeTakeFirstOrThrow();
      return scheduled;
    },

    async add(scheduled) {
      const { accountId, id, owner, senderId, conversationId, createdAt } = scheduled;
      await db
        .insertInto('scheduled_message')
        .values({
          account_id: accountId,
          id,
          owner,
          sender_id: senderId,
          conversation_id: conversationId,
          created_at: createdAt,
          ...toRow(scheduled),
        })
        .execute();
    },

    async update(scheduled) {
      await db.updateTable('scheduled_message').set(toRow(scheduled)).where('id', '=', scheduled.id).execute();
    },

    async remove(id) {
      await db.deleteFrom('scheduled_message').where('id', '=', id).execute();
    },
  };
}
