import type { DraftRepository } from '@coucou/domain/drafts/draft-repository';
import { asId } from '@coucou/domain/kernel/ids';
import { type Kysely, sql } from 'kysely';
import type { Tables } from '../tables.ts';

export function createDraftRepository(db: Kysely<Tables>): DraftRepository {
  return {
    async lookup(conversation, user) {
      const row = await db
        .selectFrom('draft')
        .selectAll()
        .where('conversation_id', '=', conversation)
        .where('user_id', '=', user)
        .executeTakeFirst();
      return (
        row && {
          conversationId: asId(row.conversation_id),
          userId: asId(row.user_id),
          content: row.content,
          replyToId: row.reply_to_id === null ? undefined : asId(row.reply_to_id),
          updatedAt: row.updated_at,
        }
      );
    },

    async put(draft) {
      await db
        .insertInto('draft')
        .values({
          account_id: sql<string>`current_setting('app.account_id')::uuid`,
          user_id: draft.userId,
          conversation_id: draft.conversationId,
          content: draft.content,
          reply_to_id: draft.replyToId ?? null,
          updated_at: draft.updatedAt,
        })
        .onConflict((oc) =>
          oc.columns(['account_id', 'user_id', 'conversation_id']).doUpdateSet((eb) => ({
            content: eb.ref('excluded.content'),
            reply_to_id: eb.ref('excluded.reply_to_id'),
            updated_at: eb.ref('excluded.updated_at'),
          })),
        )
        .execute();
    },

    async remove(conversation, user) {
      const removed = await db
        .deleteFrom('draft')
        .where('conversation_id', '=', conversation)
        .where('user_id', '=', user)
        .returning('user_id')
        .executeTakeFirst();
      return removed !== undefined;
    },
  };
}
