import { asId, type Id, type MessageId, type ReportId } from '@coucou/domain/kernel/ids';
import type { ReportQueue, ReportRepository } from '@coucou/domain/moderation/moderation-repositories';
import { Report, type ReportSubject } from '@coucou/domain/moderation/report';
import { type Kysely, type Selectable, sql } from 'kysely';
import { z } from 'zod';
import { HISTORY_FLOOR } from '../conversations/conversation-reader.ts';
import { decodeCursor, encodeCursor } from '../kit/cursor.ts';
import { orUndefined } from '../kit/nullable.ts';
import type { Tables } from '../tables.ts';
import type { ReportTable } from './tables.ts';

const toReport = (row: Selectable<ReportTable>): Report => ({
  accountId: asId(row.account_id),
  id: asId(row.id),
  reporterId: idOrUndefined(row.reporter_id),
  ruleId: idOrUndefined(row.rule_id),
  subject:
    row.kind === 'user' || row.message_id === null || row.conversation_id === null || row.seq === null
      ? { kind: 'user', userId: asId(row.user_id), snapshot: row.snapshot }
      : {
          kind: 'message',
          messageId: asId(row.message_id),
          conversationId: asId(row.conversation_id),
          seq: row.seq,
          userId: asId(row.user_id),
          snapshot: row.snapshot,
        },
  reason: row.reason,
  createdAt: row.created_at,
  assigneeId: idOrUndefined(row.assignee_id),
  decided:
    row.decision === null || row.decided_at === null
      ? undefined
      : {
          decision: row.decision,
          note: orUndefined(row.note),
          byId: idOrUndefined(row.decided_by),
          at: row.decided_at,
          mutedUntil: orUndefined(row.muted_until),
        },
});

const idOrUndefined = <Kind extends string>(id: string | null): Id<Kind> | undefined => (id === null ? undefined : asId(id));

/** The reportable content of the message `x`. */
const SNAPSHOT = `json_build_object(
  'type', x.type, 'content', x.content, 'data', x.data, 'parts', x.parts, 'createdAt', x.created_at, 'editedAt', x.edited_at,
  'attachments', (select json_agg(json_build_object('id', f.id, 'name', f.name, 'type', f.type, 'size', f.size))
    from attachment f where f.account_id = x.account_id and f.id = any(x.attachment_ids)))`;

type SeenRow = Readonly<{ conversation_id: string; seq: number; sender_id: string; snapshot: Record<string, unknown> }>;

const toSubject = (messageId: MessageId, row: SeenRow | undefined): Extract<ReportSubject, { kind: 'message' }> | undefined =>
  row && {
    kind: 'message',
    messageId,
    conversationId: asId(row.conversation_id),
    seq: row.seq,
    userId: asId(row.sender_id),
    snapshot: row.snapshot,
  };

export function createReportRepository(db: Kysely<Tables>): ReportRepository {
  return {
    async findMessage(viewer, message) {
      const { rows } = await sql<SeenRow>`
        select x.conversation_id, x.seq, x.sender_id, ${sql.raw(SNAPSHOT)} as snapshot
        from message x
        join conversation c on c.account_id = x.account_id and c.id = x.conversation_id and c.deleted_at is null
        join member m on m.account_id = x.account_id and m.conversation_id = x.conversation_id and m.user_id = ${viewer} and m.left_at is null
        where x.id = ${message} and x.deleted_at is null and x.seq > ${sql.raw(HISTORY_FLOOR)}
          and not exists (select from hide h where h.account_id = x.account_id and h.user_id = m.user_id
            and h.conversation_id = x.conversation_id and h.seq = x.seq)`.execute(db);
      return toSubject(message, rows[0]);
    },

    async findStored(message) {
      const { rows } = await sql<SeenRow>`
        select x.conversation_id, x.seq, x.sender_id, ${sql.raw(SNAPSHOT)} as snapshot
        from message x
        join conversation c on c.account_id = x.account_id and c.id = x.conversation_id and c.deleted_at is null
        where x.id = ${message} and x.deleted_at is null`.execute(db);
      return toSubject(message, rows[0]);
    },

    async add({ accountId, id, reporterId, ruleId, subject, reason, createdAt }) {
      const of = subject.kind === 'message' ? subject : undefined;
      const row = await db
        .insertInto('report')
        .values({
          account_id: accountId,
          id,
          reporter_id: reporterId ?? null,
          rule_id: ruleId ?? null,
          kind: subject.kind,
          user_id: subject.userId,
          message_id: of?.messageId ?? null,
          conversation_id: of?.conversationId ?? null,
          seq: of?.seq ?? null,
          snapshot: JSON.stringify(subject.snapshot),
          reason,
          created_at: createdAt,
        })
        .onConflict((oc) => oc.doNothing())
        .returning('id')
        .executeTakeFirst();
      return row !== undefined;
    },

    async lookup(reporter, subject) {
      const base = db.selectFrom('report').selectAll().where('reporter_id', '=', reporter).where('kind', '=', subject.kind);
      const row = await (subject.kind === 'message'
        ? base.where('message_id', '=', subject.messageId)
        : base.where('user_id', '=', subject.userId)
      ).executeTakeFirst();
      return row && toReport(row);
    },

    async countReporters({ userId, messageId }, since) {
      const { reporters } = await db
        .selectFrom('report')
        .select((eb) => eb.fn.count<number>('reporter_id').distinct().as('reporters'))
        .where('user_id', '=', userId)
        .where('created_at', '>', since)
        .$if(messageId !== undefined, (query) => query.where('message_id', '=', messageId ?? null))
        .executeTakeFirstOrThrow();
      return reporters;
    },
  };
}

const LIST = 'reports';
const place = z.tuple([z.uuid()]);

export function createReportQueue(db: Kysely<Tables>): ReportQueue {
  const one = (id: ReportId) => db.selectFrom('report').selectAll().where('id', '=', id);
  return {
    async list({ state, assigneeId, userId }, { limit, cursor }) {
      const [before] = cursor === undefined ? [undefined] : decodeCursor(LIST, place, cursor);
      const rows = await db
        .selectFrom('report')
        .selectAll()
        .$if(state !== undefined, (query) => query.where('status', '=', state ?? 'open'))
        .$if(assigneeId !== undefined, (query) => query.where('assignee_id', '=', assigneeId ?? null))
        .$if(userId !== undefined, (query) => query.where('user_id', '=', userId ?? ''))
        .$if(before !== undefined, (query) => query.where('id', '<', before ?? ''))
        .orderBy('id', 'desc')
        .limit(limit + 1)
        .execute();
      const items = rows.slice(0, limit).map(toReport);
      const last = items.at(-1);
      return { items, nextCursor: rows.length > limit && last ? encodeCursor(LIST, [last.id]) : undefined };
    },

    async find(id) {
      const row = await one(id).executeTakeFirst();
      return row && toReport(row);
    },

    async lock(id) {
      const row = await one(id).forUpdate().executeTakeFirst();
      return row && toReport(row);
    },

    async put(report) {
      const { id, assigneeId, decided } = report;
      await db
        .updateTable('report')
        .set({
          status: Report.stateOf(report),
          assignee_id: assigneeId ?? null,
          decision: decided?.decision ?? null,
          note: decided?.note ?? null,
          decided_by: decided?.byId ?? null,
          decided_at: decided?.at ?? null,
          muted_until: decided?.mutedUntil ?? null,
        })
        .where('id', '=', id)
        .execute();
    },
  };
}
