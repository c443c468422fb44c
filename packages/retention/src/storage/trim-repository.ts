import { asId } from '@coucou/domain/kernel/ids';
import { type Kysely, sql } from 'kysely';
import type { TrimRepository } from '../application/retention-repository.ts';
import { plansOf } from './tables.ts';

const NAUGHT = '00000000-0000-0000-0000-000000000000';

const iso = (column: string): string => `to_char(x.${column} at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/** A message as it is archived: what is stored, with earlier contents and what its attachments are called. */
const LINE = `json_strip_nulls(json_build_object(
    'seq', x.seq, 'id', x.id, 'senderId', x.sender_id, 'clientMessageId', x.client_message_id, 'type', x.type, 'content', x.content, 'data', x.data, 'parts', x.parts,
    'replyToSeq', x.reply_to_seq, 'threadRootSeq', x.thread_root_seq, 'mentions', nullif(x.mentions, '{}'), 'mentionAll', nullif(x.mention_all, false),
    'forwarded', nullif(x.forwarded, false), 'reactions', nullif(x.reactions, '{}'),
    'attachments', case when cardinality(x.attachment_ids) > 0 then (
      select json_agg(json_build_object('id', f.id, 'name', f.name, 'type', f.type, 'size', f.size) order by array_position(x.attachment_ids, f.id))
      from attachment f where f.account_id = x.account_id and f.id = any(x.attachment_ids)) end,
    'edits', case when x.edited_at is not null then (
      select json_agg(json_build_object('content', e.content, 'editedBy', e.edited_by) order by e.version)
      from message_edit e where e.account_id = x.account_id and e.conversation_id = x.conversation_id and e.seq = x.seq) end,
    'createdAt', ${iso('created_at')}, 'editedAt', ${iso('edited_at')}, 'deletedAt', ${iso('deleted_at')}, 'expiresAt', ${iso('expires_at')}))`;

/** What belongs to a message, for the few that are emptied and not deleted. */
const CHILDREN = ['mention', 'message_edit', 'reaction', 'hide', 'attachment_use', 'message_search'] as const;

type PlanRow = Readonly<{
  first_seq: number;
  version: number;
  target: number;
  archive: boolean;
  held: boolean;
  deleted: boolean;
  leftovers: boolean;
}>;
type BatchRow = Readonly<{ seq: number; id: string; has_parts: boolean; is_root: boolean }>;

export function createTrimRepository(db: Kysely<never>): TrimRepository {
  /** Roots of threads are kept, empty, as long as replies are: those show which thread they are of. */
  const emptyRoots = async (conversation: string, seqs: readonly number[]): Promise<void> => {
    if (seqs.length === 0) return;
    await sql`
      update message set content = null, data = null, parts = null, mentions = '{}', mention_all = false, attachment_ids = '{}', reactions = '{}',
        pinned_at = null, pinned_by = null
      where conversation_id = ${conversation} and seq = any(${[...seqs]}::bigint[])`.execute(db);
    for (const table of CHILDREN)
      await sql`delete from ${sql.table(table)} where conversation_id = ${conversation} and seq = any(${[...seqs]}::bigint[])`.execute(db);
  };

  return {
    async plan(conversation, now) {
      const { rows } = await sql<PlanRow>`
        select c.first_seq, t.version, t.target, t.archive, t.held, t.leftovers, c.deleted_at is not null as deleted
        from (select * from conversation where id = ${conversation} limit 1) c cross join (select ${now}::timestamptz as now) w
        ${sql.raw(plansOf('w.now'))}`.execute(db);
      const [row] = rows;
      return (
        row && {
          firstSeq: row.first_seq,
          version: row.version,
          target: row.target,
          archive: row.archive,
          held: row.held,
          deleted: row.deleted,
          leftovers: row.leftovers,
        }
      );
    },

    async due(after, now, scan) {
      const { rows } = await sql<{ id: string; due: boolean }>`
        select c.id, not t.held and (t.leftovers or t.target >= c.first_seq) as due
        from (
          select * from conversation where id > ${after ?? NAUGHT} and exists (select from retention) order by id limit ${scan}) c
        cross join (select ${now}::timestamptz as now) w
        ${sql.raw(plansOf('w.now'))} order by c.id`.execute(db);
      return {
        due: rows.filter(({ due }) => due).map(({ id }) => asId<'conversation'>(id)),
        last: rows.length < scan ? undefined : asId<'conversation'>(rows.at(-1)?.id ?? NAUGHT),
      };
    },

    async lines(conversation, after, upTo, limit) {
      const { rows } = await sql<{ seq: number; line: string }>`
        select x.seq, ${sql.raw(LINE)}::text as line from message x
        where x.conversation_id = ${conversation} and x.seq > ${after} and x.seq <= ${upTo} order by x.seq limit ${limit}`.execute(db);
      return rows;
    },

    async isChanged(conversation, version, upTo) {
      const { rows } = await sql<{ changed: boolean }>`
        select exists (
          select from message x where x.conversation_id = ${conversation} and x.version > ${version} and x.seq <= ${upTo}) as changed`.execute(
        db,
      );
      return rows[0]?.changed ?? false;
    },

    async laggards(conversation, upTo, limit) {
      const { rows } = await sql<{ user_id: string; read_seq: number; unread_from_seq: number | null }>`
        select m.user_id, m.read_seq, m.unread_from_seq from member m
        where m.conversation_id = ${conversation} and m.left_at is null and m.joined_at is not null
          and (m.read_seq < ${upTo} or m.unread_from_seq <= ${upTo})
        limit ${limit}`.execute(db);
      return rows.map((row) => ({ userId: asId(row.user_id), readSeq: row.read_seq, unreadFromSeq: row.unread_from_seq ?? undefined }));
    },

    async moveFloor(conversation, firstSeq) {
      await sql`
        update conversation set first_seq = greatest(first_seq, ${firstSeq}::bigint)
        where id = ${conversation} and deleted_at is not null`.execute(db);
    },

    async remove(account, conversation, limit) {
      // Locked: whoever was about to notify somebody of one of them has done so, and is seen by the statements below, or finds it gone.
      const { rows: batch } = await sql<BatchRow>`
        select x.seq, x.id, x.parts is not null as has_parts, coalesce(x.last_reply_seq >= c.first_seq, false) as is_root
        from conversation c
        left join retention r on r.account_id = c.account_id and r.scope_id = c.id
        cross join lateral (
          select * from message y where y.account_id = c.account_id and y.conversation_id = c.id
            and y.seq > coalesce(r.removed_to, 0) and y.seq < c.first_seq
          order by y.seq limit ${limit} for update) x
        where c.id = ${conversation} order by x.seq`.execute(db);
      const isDone = batch.length < limit;
      if (isDone)
        // Roots whose last reply has been trimmed by now.
        await sql`
          delete from message x using conversation c
          where c.id = ${conversation} and x.account_id = c.account_id and x.conversation_id = c.id
            and x.last_reply_seq < c.first_seq and x.seq < c.first_seq`.execute(db);
      const [first, last] = [batch[0], batch.at(-1)];
      if (first === undefined || last === undefined) {
        await sql`
          update retention r set removed_to = c.first_seq - 1 from conversation c
          where c.id = ${conversation} and r.account_id = c.account_id and r.scope_id = c.id`.execute(db);
        return { messages: 0, withdrawn: [], withParts: [], isDone };
      }
      const withdrawn = await sql<{ id: string; user_id: string }>`
        delete from notification where conversation_id = ${conversation} and seq between ${first.seq} and ${last.seq}
        returning id, user_id`.execute(db);
      const roots = batch.filter(({ is_root }) => is_root).map(({ seq }) => seq);
      await emptyRoots(conversation, roots);
      await sql`
        delete from message where conversation_id = ${conversation} and seq between ${first.seq} and ${last.seq}
          and not seq = any(${roots}::bigint[])`.execute(db);
      await sql`
        update retention set removed_to = ${last.seq} where account_id = ${account} and scope_id = ${conversation}`.execute(db);
      return {
        messages: batch.length - roots.length,
        withdrawn: withdrawn.rows.map((row) => ({ id: asId(row.id), userId: asId(row.user_id) })),
        withParts: batch.filter((row) => row.has_parts).map(({ id }) => asId(id)),
        isDone,
      };
    },
  };
}
