import { asId } from '@coucou/domain/kernel/ids';
import { orUndefined } from '@coucou/postgres/kit/nullable';
import { type Kysely, type Selectable, sql } from 'kysely';
import type { SavedMessageRepository } from '../application/saved-message-repository.ts';
import type { SavedMessage } from '../domain/saved-message.ts';

type SavedMessageTable = {
  account_id: string;
  user_id: string;
  message_id: string;
  conversation_id: string;
  seq: number;
  note: string | null;
  saved_at: Date;
  remind_at: Date | null;
  reminded_at: Date | null;
};
export type SavedMessageTables = { saved_message: SavedMessageTable };
export type SavedMessageRow = Selectable<SavedMessageTable>;

export const toSavedMessage = (row: SavedMessageRow): SavedMessage => ({
  accountId: asId(row.account_id),
  userId: asId(row.user_id),
  messageId: asId(row.message_id),
  conversationId: asId(row.conversation_id),
  seq: row.seq,
  savedAt: row.saved_at,
  note: orUndefined(row.note),
  remindAt: orUndefined(row.remind_at),
  remindedAt: orUndefined(row.reminded_at),
});

export function createSavedMessageRepository(db: Kysely<SavedMessageTables>): SavedMessageRepository {
  return {
    async lock(person, message) {
      const row = await db
        .selectFrom('saved_message')
        .selectAll()
        .where('user_id', '=', person)
        .where('message_id', '=', message)
        .forUpdate()
        .executeTakeFirst();
      return row && toSavedMessage(row);
    },

    async count(person) {
      const { saved } = await db
        .selectFrom('saved_message')
        .select((eb) => eb.fn.countAll<number>().as('saved'))
        .where('user_id', '=', person)
        .executeTakeFirstOrThrow();
      return saved;
    },

    async put(saved) {
      await db
        .insertInto('saved_message')
        .values({
          account_id: saved.accountId,
          user_id: saved.userId,
          message_id: saved.messageId,
          conversation_id: saved.conversationId,
          seq: saved.seq,
          note: saved.note ?? null,
          saved_at: saved.savedAt,
          remind_at: saved.remindAt ?? null,
          reminded_at: saved.remindedAt ?? null,
        })
        .onConflict((oc) =>
          oc.columns(['account_id', 'user_id', 'message_id']).doUpdateSet((eb) => ({
            note: eb.ref('excluded.note'),
            remind_at: eb.ref('excluded.remind_at'),
            reminded_at: eb.ref('excluded.reminded_at'),
          })),
        )
        .execute();
    },

    async remove(person, message) {
      const row = await db
        .deleteFrom('saved_message')
        .where('user_id', '=', person)
        .where('message_id', '=', message)
        .returningAll()
        .executeTakeFirst();
      return row && toSavedMessage(row);
    },

    async removeOf(conversation, most) {
      const { rows } = await sql<SavedMessageRow>`
        delete from saved_message s using (
          select g.account_id, g.user_id, g.message_id from saved_message g where g.conversation_id = ${conversation} and g.seq is not null limit ${most}
        ) gone
        where s.account_id = gone.account_id and s.user_id = gone.user_id and s.message_id = gone.message_id
        returning s.*`.execute(db);
      return rows.map(toSavedMessage);
    },
  };
}
