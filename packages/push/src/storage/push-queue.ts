import { asId } from '@coucou/domain/kernel/ids';
import { limits } from '@coucou/domain/kernel/limits';
import { type Kysely, sql } from 'kysely';
import type { PushQueue, Telling } from '../application/push-repository.ts';
import { type StateRow, toState } from './push-state.ts';
import { lives } from './subscription-repository.ts';
import type { PushTables } from './tables.ts';

type TellingRow = Readonly<{
  subscription_id: string;
  user_id: string;
  topic: string;
  message_id: string | null;
  notification_id: string | null;
}>;

const toTelling = (row: TellingRow): Telling => ({
  subscriptionId: asId(row.subscription_id),
  userId: asId(row.user_id),
  topic: row.topic,
  messageId: row.message_id === null ? undefined : asId(row.message_id),
  notificationId: row.notification_id === null ? undefined : asId(row.notification_id),
});

/** Everything is looked up by its key, one after the other: without statistics the planner would read whole tables of the account. */
export function createPushQueue(db: Kysely<PushTables>): PushQueue {
  return {
    async concerned(messages, now) {
      const found = await sql<TellingRow>`
        with posted as materialized (
          select distinct on (x.conversation_id) x.* from unnest(${[...messages]}::uuid[]) k(id)
          cross join lateral (
            select m.account_id, m.conversation_id, m.id, m.seq, m.sender_id, m.mentions, m.mention_all, m.reply_to_seq
            from message m where m.id = k.id and m.deleted_at is null and m.type <> 'system' and m.thread_root_seq is null limit 1) x
          order by x.conversation_id, x.seq desc
        ),
        newest as materialized (
          select p.*, c.member_count, (
            select o.sender_id from message o
            where o.account_id = p.account_id and o.conversation_id = p.conversation_id and o.seq = p.reply_to_seq) as replied_to
          from posted p cross join lateral (
            select o.member_count from conversation o
            where o.account_id = p.account_id and o.id = p.conversation_id and o.deleted_at is null limit 1) c
        )
        select s.id as subscription_id, m.user_id, 'c:' || n.conversation_id as topic, n.id as message_id, null as notification_id
        from newest n
        cross join lateral (
          select o.account_id, o.user_id from member o
          where o.account_id = n.account_id and o.conversation_id = n.conversation_id and o.left_at is null and o.notify = 'all'
            and o.user_id <> n.sender_id and (o.notify_muted_until is null or o.notify_muted_until <= ${now})
          offset 0
        ) m
        cross join lateral (
          select s.account_id, s.id, s.session_id from push_subscription s where s.account_id = m.account_id and s.user_id = m.user_id offset 0) s
        left join preference p on p.account_id = m.account_id and p.user_id = m.user_id
        -- Those named, and the author of what is replied to, have a notification, which is told them in its place.
        where m.user_id <> all(n.mentions) and not (n.mention_all and n.member_count <= ${limits.notifications.everyone})
          and m.user_id is distinct from n.replied_to
          and coalesce((p.settings->'notifications'->>'push')::boolean, true)
          and not coalesce((p.settings->'notifications'->>'mentionsOnly')::boolean, false)
          and not exists (select from blocked_with(n.sender_id) b where b.user_id = m.user_id)
          and ${lives(now)}
        order by s.id`.execute(db);
      return found.rows.map(toTelling);
    },

    async notified(notifications, now) {
      const [users, ids] = [notifications.map(({ userId }) => userId), notifications.map(({ notificationId }) => notificationId)];
      const found = await sql<TellingRow>`
        select s.id as subscription_id, n.user_id,
          case when n.kind in ('mention', 'reply') then 'c:' || n.conversation_id else 'n:' || n.id end as topic,
          n.message_id, n.id as notification_id
        from unnest(${users}::uuid[], ${ids}::uuid[]) k(user_id, id)
        cross join lateral (
          select o.account_id, o.user_id, o.id, o.kind, o.conversation_id, o.message_id from notification o
          where o.user_id = k.user_id and o.id = k.id and o.read_at is null limit 1) n
        cross join lateral (
          select s.account_id, s.id, s.session_id from push_subscription s where s.account_id = n.account_id and s.user_id = n.user_id offset 0) s
        left join preference p on p.account_id = n.account_id and p.user_id = n.user_id
        where coalesce((p.settings->'notifications'->>'push')::boolean, true) and ${lives(now)}
        order by s.id, n.id`.execute(db);
      return found.rows.map(toTelling);
    },

    async add(account, tellings, now) {
      // Of one statement each row may be changed once: the newest of a topic.
      const newest = new Map(tellings.map((telling) => [`${telling.subscriptionId} ${telling.topic}`, telling]));
      const values = [...newest.values()].map(({ subscriptionId, topic, messageId, notificationId, dueAt }) => ({
        account_id: account,
        subscription_id: subscriptionId,
        topic,
        message_id: messageId ?? null,
        notification_id: notificationId ?? null,
        due_at: dueAt,
        revision: 1,
        created_at: now,
      }));
      await db
        .insertInto('push_waiting')
        .values(values)
        .onConflict((oc) =>
          oc.columns(['account_id', 'subscription_id', 'topic']).doUpdateSet((eb) => ({
            message_id: eb.ref('excluded.message_id'),
            notification_id: eb.ref('excluded.notification_id'),
            due_at: sql<Date>`least(push_waiting.due_at, excluded.due_at)`,
            revision: sql<number>`push_waiting.revision + 1`,
            created_at: eb.ref('excluded.created_at'),
          })),
        )
        .execute();
    },

    async due({ id, userId }, now, most) {
      const found = await sql<StateRow>`
        select w.topic, w.revision, w.created_at,
          n.id as notification_id, n.kind, n.read_at is not null as notification_read, n.actor_id, a.display_name as actor_name,
          x.id as message_id, x.seq, x.sender_id, x.content, u.display_name as sender_name,
          x.seq > read_mark(m.unread_from_seq, m.read_seq) as unread,
          exists (
            select from hide h
            where h.account_id = w.account_id and h.user_id = ${userId} and h.conversation_id = x.conversation_id and h.seq = x.seq) as hidden,
          c.id as conversation_id, c.type, c.title, m.notify, m.notify_muted_until,
          exists (select from blocked_with(${userId}) b where b.user_id = coalesce(x.sender_id, n.actor_id)) as blocked
        from (
          select * from push_waiting q where q.subscription_id = ${id} and q.due_at <= ${now} order by q.due_at, q.topic limit ${most}) w
        left join lateral (
          select * from notification o where o.account_id = w.account_id and o.user_id = ${userId} and o.id = w.notification_id limit 1) n on true
        left join lateral (
          select * from message o where o.account_id = w.account_id and o.id = w.message_id and o.deleted_at is null limit 1) x on true
        left join lateral (
          select * from conversation o
          where o.account_id = w.account_id and o.id = coalesce(x.conversation_id, n.conversation_id) and o.deleted_at is null limit 1) c on true
        left join lateral (
          select * from member o
          where o.account_id = w.account_id and o.conversation_id = c.id and o.user_id = ${userId} and o.left_at is null limit 1) m on true
        left join lateral (select * from app_user o where o.account_id = w.account_id and o.id = x.sender_id limit 1) u on true
        left join lateral (select * from app_user o where o.account_id = w.account_id and o.id = n.actor_id limit 1) a on true
        order by w.due_at, w.topic`.execute(db);
      return found.rows.map(toState);
    },

    async end(id, pushes) {
      if (pushes.length === 0) return;
      await sql`
        delete from push_waiting w using unnest(${pushes.map(({ topic }) => topic)}::text[], ${pushes.map(({ revision }) => revision)}::integer[]) k(topic, revision)
        where w.subscription_id = ${id} and w.topic = k.topic and w.revision = k.revision`.execute(db);
    },

    async defer(id, now, due_at) {
      await db.updateTable('push_waiting').set({ due_at }).where('subscription_id', '=', id).where('due_at', '<=', now).execute();
    },

    async nextAt(id) {
      const { next } = await db
        .selectFrom('push_waiting')
        .select((eb) => eb.fn.min<Date | null>('due_at').as('next'))
        .where('subscription_id', '=', id)
        .executeTakeFirstOrThrow();
      return next ?? undefined;
    },

    async unread(userId) {
      const found = await sql<{ total: number }>`
        select coalesce(sum(greatest(unread_messages(h.countable, m.unread_base, m.own_since), 0)), 0)::integer as total
        from (select * from member o where o.user_id = ${userId} and o.left_at is null and not o.archived offset 0) m
        cross join lateral (
          select e.countable from conversation_head e where e.account_id = m.account_id and e.conversation_id = m.conversation_id
          order by e.era desc limit 1) h`.execute(db);
      return found.rows[0]?.total ?? 0;
    },

    async overdue(before) {
      const found = await sql<{ id: string; user_id: string }>`
        select s.id, s.user_id from push_subscription s
        where (s.paused_until is null or s.paused_until < ${before}) and (s.claimed_until is null or s.claimed_until < ${before})
          and exists (select from push_waiting w where w.account_id = s.account_id and w.subscription_id = s.id and w.due_at < ${before})`.execute(
        db,
      );
      return found.rows.map((row) => ({ id: asId(row.id), userId: asId(row.user_id) }));
    },
  };
}
