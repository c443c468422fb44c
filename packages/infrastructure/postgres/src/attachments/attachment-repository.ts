import type { AttachmentReader } from '@coucou/application/attachments/attachment-reader';
import type { Attachment, FileKey } from '@coucou/domain/attachments/attachment';
import type { AttachmentRepository } from '@coucou/domain/attachments/attachment-repository';
import { asId } from '@coucou/domain/kernel/ids';
import { type Kysely, type Selectable, sql } from 'kysely';
import { HISTORY_FLOOR } from '../conversations/conversation-reader.ts';
import type { SessionPool } from '../kit/session.ts';
import { suspended } from '../messages/posting-snapshots.ts';
import type { Tables } from '../tables.ts';
import type { AttachmentTable } from './tables.ts';
import { readOnce } from '../kit/unit-of-work.ts';

const orUndefined = <T>(value: T | null): T | undefined => (value === null ? undefined : value);
const key = (value: string | null): FileKey | undefined => orUndefined(value) as FileKey | undefined;

export const toAttachment = (row: Selectable<AttachmentTable>): Attachment => ({
  accountId: asId(row.account_id),
  id: asId(row.id),
  ownerId: asId(row.owner_id),
  name: row.name,
  status: row.status,
  type: row.type,
  size: row.size,
  width: orUndefined(row.width),
  height: orUndefined(row.height),
  uploadKey: key(row.upload_key),
  storageKey: key(row.storage_key),
  thumbnailKey: key(row.thumbnail_key),
  quotaBytes: row.quota_bytes,
  createdAt: row.created_at,
});

const toRow = (attachment: Attachment) => ({
  account_id: attachment.accountId,
  id: attachment.id,
  owner_id: attachment.ownerId,
  name: attachment.name,
  status: attachment.status,
  type: attachment.type,
  size: attachment.size,
  width: attachment.width ?? null,
  height: attachment.height ?? null,
  upload_key: attachment.uploadKey ?? null,
  storage_key: attachment.storageKey ?? null,
  thumbnail_key: attachment.thumbnailKey ?? null,
  quota_bytes: attachment.quotaBytes,
  created_at: attachment.createdAt,
});

const EXPIRED = (pendingBefore: Date, unusedBefore: Date) => sql<boolean>`(
  (a.status = 'pending' and a.created_at < ${pendingBefore})
  or (a.status = 'ready' and a.created_at < ${unusedBefore} and not exists (
    select from attachment_use u where u.account_id = a.account_id and u.attachment_id = a.id)
    and not exists (select from scheduled_message s where s.account_id = a.account_id and s.sender_id = a.owner_id
      and s.created_at is not null and a.id = any(s.attachment_ids))))`;

export function createAttachmentRepository(db: Kysely<Tables>): AttachmentRepository {
  const byId = (id: string) => db.selectFrom('attachment').selectAll().where('id', '=', id);
  return {
    async lockUsage(owner) {
      await db.selectFrom('app_user').select('id').where('id', '=', owner).forNoKeyUpdate().executeTakeFirst();
      // A statement of its own: it sees what others committed while this one waited for the lock.
      const { rows } = await sql<{ used: number }>`
        select coalesce(sum(quota_bytes), 0)::bigint as used from attachment where owner_id = ${owner}`.execute(db);
      return rows[0]?.used ?? 0;
    },

    async lookup(id) {
      const row = await byId(id).executeTakeFirst();
      return row && toAttachment(row);
    },

    async lock(id) {
      const row = await byId(id).forUpdate().executeTakeFirst();
      return row && toAttachment(row);
    },

    async add(attachment) {
      await db.insertInto('attachment').values(toRow(attachment)).execute();
    },

    async update(attachment) {
      const { account_id: _account, id, owner_id: _owner, created_at: _created, ...changed } = toRow(attachment);
      await db.updateTable('attachment').set(changed).where('id', '=', id).execute();
    },

    async remove(id) {
      await db.deleteFrom('attachment').where('id', '=', id).execute();
    },

    async removeExpired({ pendingBefore, unusedBefore, limit }) {
      const { rows: held } = await sql<{ id: string }>`
        select a.id from attachment a where ${EXPIRED(pendingBefore, unusedBefore)}
        order by a.created_at limit ${limit} for update of a skip locked`.execute(db);
      if (held.length === 0) return [];
      // Checked again under the lock: a concurrent message may use it by now, and later ones wait.
      const { rows } = await sql<Selectable<AttachmentTable>>`
        delete from attachment a where a.id = any(${held.map(({ id }) => id)}::uuid[]) and ${EXPIRED(pendingBefore, unusedBefore)}
        returning a.*`.execute(db);
      return rows.map(toAttachment);
    },

    async countExpired({ pendingBefore, unusedBefore }) {
      const { rows } = await sql<{ expired: number }>`
        select count(*)::int as expired from attachment a where ${EXPIRED(pendingBefore, unusedBefore)}`.execute(db);
      return rows[0]?.expired ?? 0;
    },

    async knownKeys(keys) {
      const { rows } = await sql<{ key: FileKey }>`
        select k.key from unnest(${[...keys]}::text[]) k(key) where exists (
          select from attachment a where a.account_id = current_setting('app.account_id')::uuid
            and (a.storage_key = k.key or a.upload_key = k.key or a.thumbnail_key = k.key))`.execute(db);
      return new Set(rows.map((row) => row.key));
    },

    async listReady(after, limit) {
      const rows = await db
        .selectFrom('attachment')
        .selectAll()
        .where('status', '=', 'ready')
        .$if(after !== undefined, (query) => query.where('id', '>', after ?? ''))
        .orderBy('id')
        .limit(limit)
        .execute();
      return rows.map(toAttachment);
    },
  };
}

/**
 * A file may be opened by users who see a message with it: present members of an existing conversation, after the floor where their
 * history begins, unless it was deleted or they hid it. Not by those who are suspended. $1 attachments, $2 viewer.
 */
const OPENABLE = `
  select a.* from attachment a
  where a.id = any($1::uuid[]) and a.status = 'ready' and not ${suspended('$2')} and case
    when not exists (select from attachment_use u where u.account_id = a.account_id and u.attachment_id = a.id) then a.owner_id = $2
    else exists (
      select from attachment_use u
      join message x on x.account_id = u.account_id and x.conversation_id = u.conversation_id and x.seq = u.seq and x.deleted_at is null
      join conversation c on c.account_id = u.account_id and c.id = u.conversation_id and c.deleted_at is null
      join member m on m.account_id = u.account_id and m.conversation_id = u.conversation_id and m.user_id = $2 and m.left_at is null
      where u.account_id = a.account_id and u.attachment_id = a.id and x.seq > ${HISTORY_FLOOR}
        and not exists (select from hide h where h.account_id = u.account_id and h.user_id = $2
          and h.conversation_id = u.conversation_id and h.seq = u.seq))
  end`;

export const createAttachmentReader = (pool: SessionPool): AttachmentReader => ({
  async openable(account, viewer, ids) {
    const rows = await readOnce<Selectable<AttachmentTable>>(pool, account, OPENABLE, [ids, viewer], 'attachment-openable');
    return rows.map(toAttachment);
  },
});
