import { asId } from '@coucou/domain/kernel/ids';
import type { NotificationRepository, Withdrawn } from '@coucou/domain/notifications/notification-repository';
import { type Kysely, sql } from 'kysely';
import { blockBetween } from '../blocks/blocked-with.ts';
import type { Tables } from '../tables.ts';

type ConcernedRow = Readonly<{
  seq: number;
  sender_id: string;
  user_id: string;
  why: 'mention' | 'everyone' | 'reply';
  notify: 'all' | 'mentions' | 'none';
  notify_muted_until: Date | null;
  mentions_only: boolean;
  blocked: boolean;
}>;

type WithdrawnRow = Readonly<{ id: string; user_id: string }>;
const toWithdrawn = (row: WithdrawnRow): Withdrawn => ({ id: asId(row.id), userId: asId(row.user_id) });

export function createNotificationRepository(db: Kysely<Tables>): NotificationRepository {
  return {
    async concerning(messages) {
      const { rows } = await sql<{ id: string; conversation_id: string }>`
        -- One look-up by key for each: without statistics the planner would read all messages of the account.
        select x.id, x.conversation_id from unnest(${[...messages]}::uuid[]) k(id)
        cross join lateral (select * from message m where m.id = k.id limit 1) x
        where x.deleted_at is null and (cardinality(x.mentions) > 0 or x.mention_all or x.reply_to_seq is not null)
        order by x.conversation_id, x.seq`.execute(db);
      return rows.map((row) => ({ conversationId: asId(row.conversation_id), messageId: asId(row.id) }));
    },

    async concerned(conversation, message, most) {
      // Looks members up by key: a mention in a group of thousands must not read them all.
      const { rows } = await sql<ConcernedRow>`
        select x.seq, x.sender_id, m.user_id, m.notify, m.notify_muted_until, who.why,
          coalesce((p.settings->'notifications'->>'mentionsOnly')::boolean, false) as mentions_only,
          ${sql.raw(blockBetween('x.sender_id', 'm.user_id'))} as blocked
        -- Locked: an edit or a deletion comes before it, and is seen here, or after it, and sees what this adds.
        from (select * from message y where y.id = ${message} and y.deleted_at is null offset 0 for share) x
        join conversation c on c.account_id = x.account_id and c.id = x.conversation_id and c.deleted_at is null
        cross join lateral (
          select distinct on (w.user_id) w.user_id, w.why from (
            select u.id as user_id, 'mention' as why, 1 as place from unnest(x.mentions) u(id)
            union all
            select e.user_id, 'everyone', 2 from member e
            where x.mention_all and c.member_count <= ${most} and e.account_id = x.account_id and e.conversation_id = x.conversation_id and e.left_at is null and e.joined_at is not null
            union all
            select o.sender_id, 'reply', 3 from message o
            where o.account_id = x.account_id and o.conversation_id = x.conversation_id and o.seq = x.reply_to_seq
          ) w order by w.user_id, w.place
        ) who
        join member m on m.account_id = x.account_id and m.conversation_id = x.conversation_id and m.user_id = who.user_id and m.left_at is null
        left join preference p on p.account_id = m.account_id and p.user_id = m.user_id
        where x.conversation_id = ${conversation} and x.deleted_at is null and m.user_id <> x.sender_id
          and not exists (
            select from hide h
            where h.account_id = m.account_id and h.user_id = m.user_id and h.conversation_id = m.conversation_id and h.seq = x.seq)
        order by m.user_id`.execute(db);
      const [first] = rows;
      if (first === undefined) return undefined;
      return {
        messageId: message,
        seq: first.seq,
        senderId: asId(first.sender_id),
        people: rows.map((row) => ({
          userId: asId(row.user_id),
          why: row.why,
          notify: row.notify,
          mutedUntil: row.notify_muted_until ?? undefined,
          mentionsOnly: row.mentions_only,
          blocked: row.blocked,
        })),
      };
    },

    async add(notifications) {
      if (notifications.length === 0) return [];
      const rows = await db
        .insertInto('notification')
        .values(
          notifications.map(({ notification: of, once }) => ({
            account_id: of.accountId,
            user_id: of.userId,
            id: of.id,
            kind: of.kind,
            once,
            actor_id: of.actorId,
            conversation_id: of.conversationId ?? null,
            message_id: of.messageId ?? null,
            seq: of.seq ?? null,
            friend_request_id: of.friendRequestId ?? null,
            scheduled_message_id: of.scheduledMessageId ?? null,
            created_at: of.createdAt,
            read_at: null,
          })),
        )
        .onConflict((oc) => oc.constraint('notification_once').doNothing())
        .returning('id')
        .execute();
      const added = new Set(rows.map(({ id }) => id));
      return notifications.map(({ notification }) => notification).filter(({ id }) => added.has(id));
    },

    async withdraw(conversation, seq, hiddenFrom) {
      const { rows } = await sql<WithdrawnRow>`
        delete from notification n
        where n.conversation_id = ${conversation} and n.seq = ${seq} and case
          when ${hiddenFrom ?? null}::uuid is not null then n.user_id = ${hiddenFrom ?? null}::uuid
          else not exists (
            select from message x where x.account_id = n.account_id and x.conversation_id = n.conversation_id and x.seq = n.seq and x.deleted_at is null
              and (n.kind not in ('mention', 'reply') or n.user_id = any(x.mentions) or x.mention_all or exists (
                select from message o where o.account_id = x.account_id and o.conversation_id = x.conversation_id and o.seq = x.reply_to_seq and o.sender_id = n.user_id)))
          end
        returning n.id, n.user_id`.execute(db);
      return rows.map(toWithdrawn);
    },

    async withdrawLeft(conversation, most, of) {
      const { rows } = await sql<WithdrawnRow>`
        delete from notification n using (
          select g.account_id, g.user_id, g.id from member m
          join notification g on g.account_id = m.account_id and g.user_id = m.user_id and g.conversation_id = m.conversation_id and g.scheduled_message_id is null
          where m.conversation_id = ${conversation} and m.left_at is not null and (${of ?? null}::uuid is null or m.user_id = ${of ?? null}::uuid)
          limit ${most}
        ) gone
        where n.account_id = gone.account_id and n.user_id = gone.user_id and n.id = gone.id
        returning n.id, n.user_id`.execute(db);
      return rows.map(toWithdrawn);
    },

    async withdrawRequest(request) {
      const { rows } = await sql<WithdrawnRow>`
        delete from notification n using friend_request r
        where n.friend_request_id = ${request} and r.account_id = n.account_id and r.id = n.friend_request_id and r.status in ('rejected', 'cancelled')
        returning n.id, n.user_id`.execute(db);
      return rows.map(toWithdrawn);
    },

    async withdrawOnce(userId, once) {
      const rows = await db
        .deleteFrom('notification')
        .where('user_id', '=', userId)
        .where('once', '=', once)
        .returning(['id', 'user_id'])
        .execute();
      return rows.map(toWithdrawn);
    },

    async markRead(userId, which, at) {
      const base = db.updateTable('notification').set({ read_at: at }).where('user_id', '=', userId).where('read_at', 'is', null);
      const marked =
        'ids' in which
          ? base.where('id', 'in', which.ids)
          : base.where(
              sql<boolean>`(created_at, id) <= (select n.created_at, n.id from notification n where n.user_id = ${userId} and n.id = ${which.upTo})`,
            );
      const { numUpdatedRows } = await marked.executeTakeFirst();
      return Number(numUpdatedRows);
    },
  };
}
