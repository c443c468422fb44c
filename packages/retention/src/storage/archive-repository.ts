import { asId } from '@coucou/domain/kernel/ids';
import type { FileKey } from '@coucou/domain/attachments/attachment';
import { decodeCursor, encodeCursor, moment } from '@coucou/postgres/kit/cursor';
import { type Kysely, type Selectable, sql } from 'kysely';
import { z } from 'zod';
import type { ArchiveRepository } from '../application/retention-repository.ts';
import type { Archive } from '../domain/retention.ts';
import type { ArchiveTable, RetentionTables } from './tables.ts';

const LIST = 'retention-archives';
const place = z.tuple([moment, z.uuid()]);

const toArchive = (row: Selectable<ArchiveTable>): Archive => ({
  accountId: asId(row.account_id),
  id: asId(row.id),
  conversationId: asId(row.conversation_id),
  firstSeq: row.first_seq,
  lastSeq: row.last_seq,
  messages: row.messages,
  bytes: row.bytes,
  key: row.storage_key as FileKey,
  createdAt: row.created_at,
});

export function createArchiveRepository(db: Kysely<RetentionTables>): ArchiveRepository {
  const rows = () => db.selectFrom('retention_archive').selectAll();
  return {
    async add(archive) {
      await db
        .insertInto('retention_archive')
        .values({
          account_id: archive.accountId,
          id: archive.id,
          conversation_id: archive.conversationId,
          first_seq: archive.firstSeq,
          last_seq: archive.lastSeq,
          messages: archive.messages,
          bytes: archive.bytes,
          storage_key: archive.key,
          created_at: archive.createdAt,
        })
        .execute();
    },

    async update({ id, lastSeq, messages, bytes }) {
      await db.updateTable('retention_archive').set({ last_seq: lastSeq, messages, bytes }).where('id', '=', id).execute();
    },

    async complete(ids) {
      if (ids.length > 0) await db.updateTable('retention_archive').set({ pending: false }).where('id', 'in', ids).execute();
    },

    async pendingOf(conversation) {
      const found = await rows()
        .where('conversation_id', '=', conversation)
        .where('first_seq', 'is not', null)
        .where('pending', '=', true)
        .execute();
      return found.map(toArchive);
    },

    async list(conversation, { limit, cursor }) {
      const [at, id] = cursor === undefined ? [undefined, undefined] : decodeCursor(LIST, place, cursor);
      const found = await rows()
        .where('pending', '=', false)
        .where('first_seq', 'is not', null)
        .$if(conversation !== undefined, (query) => query.where('conversation_id', '=', String(conversation)))
        .$if(at !== undefined, (query) => query.where(sql<boolean>`(created_at, id) < (${at}::timestamptz, ${id}::uuid)`))
        .orderBy('created_at', 'desc')
        .orderBy('id', 'desc')
        .limit(limit + 1)
        .execute();
      const items = found.slice(0, limit).map(toArchive);
      const last = items.at(-1);
      const nextCursor = found.length > limit && last ? encodeCursor(LIST, [last.createdAt.toISOString(), last.id]) : undefined;
      return { items, nextCursor };
    },

    async lookup(id) {
      const row = await rows().where('id', '=', id).where('pending', '=', false).executeTakeFirst();
      return row && toArchive(row);
    },

    async remove(ids) {
      if (ids.length > 0) await db.deleteFrom('retention_archive').where('id', 'in', ids).execute();
    },
  };
}
