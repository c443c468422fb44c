import { asId } from '@coucou/domain/kernel/ids';
import type { Preferences } from '@coucou/domain/preferences/preferences';
import { type Kysely, sql } from 'kysely';
import type { DigestRepository } from '../application/digest-repository.ts';
import type { PushTables } from './tables.ts';

type DueRow = Readonly<{ user_id: string; settings: Preferences | null; next_at: Date | null; sent_at: Date | null }>;
type CountRow = Readonly<{ user_id: string; unread: number; conversations: number; newest_at: Date }>;

export const createDigestRepository = (db: Kysely<PushTables>): DigestRepository => ({
  async due(now, most) {
    const found = await sql<DueRow>`
      select u.id as user_id, p.settings, d.next_at, d.sent_at
      from app_user u
      left join digest d on d.account_id = u.account_id and d.user_id = u.id
      left join preference p on p.account_id = u.account_id and p.user_id = u.id
      where u.email is not null and u.email_verified and u.deleted_at is null and u.suspended_at is null
        and (d.next_at is null or d.next_at <= ${now})
      order by u.id limit ${most}
      for key share of u skip locked`.execute(db);
    return found.rows.map((row) => ({
      userId: asId(row.user_id),
      preferences: row.settings ?? undefined,
      dueAt: row.next_at ?? undefined,
      sentAt: row.sent_at ?? undefined,
    }));
  },

  async count(users, now) {
    if (users.length === 0) return [];
    const found = await sql<CountRow>`
      select k.id as user_id, sum(t.unread)::integer as unread, count(*)::integer as conversations, max(t.active_at) as newest_at
      from unnest(${[...users]}::uuid[]) k(id)
      cross join lateral (
        select h.active_at, case
          when m.notify = 'all' and not m.mentions_only then greatest(unread_messages(h.countable, m.unread_base, m.own_since), 0)
          else (
            select count(*) from notification n
            where n.account_id = m.account_id and n.user_id = m.user_id and n.read_at is null and n.conversation_id = m.conversation_id
              and n.kind in ('mention', 'reply'))
          end as unread
        from (
          select o.*, coalesce((p.settings->'notifications'->>'mentionsOnly')::boolean, false) as mentions_only
          from member o left join preference p on p.account_id = o.account_id and p.user_id = o.user_id
          where o.user_id = k.id and o.left_at is null and not o.archived and o.notify <> 'none'
            and (o.notify_muted_until is null or o.notify_muted_until <= ${now})
          offset 0
        ) m
        cross join lateral (
          select e.countable, e.active_at from conversation_head e
          where e.account_id = m.account_id and e.conversation_id = m.conversation_id order by e.era desc limit 1) h
        offset 0
      ) t
      where t.unread > 0
      group by k.id`.execute(db);
    return found.rows.map((row) => ({
      userId: asId(row.user_id),
      unread: row.unread,
      conversations: row.conversations,
      newestAt: row.newest_at,
    }));
  },

  async schedule(account, times) {
    if (times.length === 0) return;
    await db
      .insertInto('digest')
      .values(
        times.map(({ userId, nextAt, sentAt }) => ({ account_id: account, user_id: userId, next_at: nextAt, sent_at: sentAt ?? null })),
      )
      .onConflict((oc) =>
        oc
          .columns(['account_id', 'user_id'])
          .doUpdateSet((eb) => ({ next_at: eb.ref('excluded.next_at'), sent_at: eb.ref('excluded.sent_at') })),
      )
      .execute();
  },
});
