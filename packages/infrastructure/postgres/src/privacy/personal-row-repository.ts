import type { PersonalRowRepository } from '@coucou/domain/privacy/erasure-repository';
import { type Kysely, type Selectable, sql } from 'kysely';
import { toAttachment } from '../attachments/attachment-repository.ts';
import type { AttachmentTable } from '../attachments/tables.ts';
import type { PersonalData } from '../schema/personal-data.ts';
import type { Tables } from '../tables.ts';
import { eraseStatements } from './erase-statements.ts';

export function createPersonalRowRepository(db: Kysely<Tables>, personalData: PersonalData): PersonalRowRepository {
  const places = { soon: eraseStatements(personalData, 'soon'), 'at last': eraseStatements(personalData, 'at last'), done: [] };
  return {
    places: (stage) => places[stage].map(({ place }) => place),

    async erase(place, person, limit) {
      const statement = places['at last'].find((each) => each.place === place);
      if (statement === undefined) throw new Error(`nothing is erased in ${place}`);
      return statement.run(db, person, limit);
    },

    async eraseUnreadable(person, limit) {
      // As a deletion for everyone, without a version: there is nobody to whom it could be told.
      const { rows } = await sql<{ conversation_id: string; seq: number }>`
        update message x set content = null, data = null, parts = null, mentions = '{}', mention_all = false, attachment_ids = '{}',
          reactions = '{}', pinned_at = null, pinned_by = null, deleted_at = clock_now()
        from (
          select o.conversation_id, o.seq from member m
          join conversation c on c.account_id = m.account_id and c.id = m.conversation_id and (c.deleted_at is not null or c.member_count = 0)
          cross join lateral (
            select y.conversation_id, y.seq from message y
            where y.account_id = m.account_id and y.conversation_id = m.conversation_id and y.sender_id = m.user_id
              and y.client_message_id is not null and y.deleted_at is null limit ${limit}
          ) o
          where m.user_id = ${person} and m.joined_at is not null limit ${limit}
        ) k
        where x.conversation_id = k.conversation_id and x.seq = k.seq
        returning x.conversation_id, x.seq`.execute(db);
      const [conversations, seqs] = [rows.map((row) => row.conversation_id), rows.map(({ seq }) => seq)];
      for (const table of ['reaction', 'mention', 'attachment_use'])
        await sql`
          delete from ${sql.table(table)} e using unnest(${conversations}::uuid[], ${seqs}::bigint[]) k(conversation_id, seq)
          where e.conversation_id = k.conversation_id and e.seq = k.seq`.execute(db);
      return rows.length;
    },

    async removeUnusedFiles(person, limit) {
      const unused = sql`not exists (select from attachment_use u where u.account_id = a.account_id and u.attachment_id = a.id)`;
      const { rows: held } = await sql<{ id: string }>`
        select a.id from attachment a where a.owner_id = ${person} and a.created_at is not null and ${unused}
        order by a.id limit ${limit} for update of a`.execute(db);
      if (held.length === 0) return [];
      // Checked again under the lock: a message on its way may use it by now.
      const { rows } = await sql<Selectable<AttachmentTable>>`
        delete from attachment a where a.id = any(${held.map(({ id }) => id)}::uuid[]) and ${unused} returning a.*`.execute(db);
      return rows.map(toAttachment);
    },
  };
}
