import type { Instant } from '@coucou/domain/kernel/ids';
import { type Kysely, sql } from 'kysely';
import type { Meter, Span, UsageRepository } from '../application/billing-ports.ts';

type MeterRow = { month: string; counted_until: Date; messages: number; active: number };

/** The lowest UUIDv7 of a time (RFC 9562, 5.7): its first 48 bits are milliseconds. */
function lowestId(at: Instant): string {
  const hex = at.getTime().toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000000`;
}

/** Who wrote how much in a span, by index: what was deleted since was sent all the same. */
const said = ({ from, until }: Span) => sql`
  select sender_id, count(*) as messages from message
  where id >= ${lowestId(from)}::uuid and id < ${lowestId(until)}::uuid and type <> 'system'
  group by sender_id`;

/** The row-level security of the tables adds the account to each statement. */
export function createUsageRepository(db: Kysely<unknown>): UsageRepository {
  return {
    async meters(from) {
      const { rows } = await sql<MeterRow>`
        select m.month, m.counted_until, m.messages,
          (select count(*) from billing_active a where a.account_id = m.account_id and a.month = m.month) as active
        from billing_meter m where m.month >= ${from} order by m.month`.execute(db);
      return rows.map(
        ({ month, counted_until, messages, active }): Meter => ({ month, countedUntil: counted_until, messages, monthlyActive: active }),
      );
    },

    async close(accountId, month, span) {
      // Says what it continues: of two that counted the same span, one would count it twice.
      const { rows } = await sql`
        insert into billing_meter (account_id, month, counted_until, messages) values (${accountId}, ${month}, ${span.from}, 0)
        on conflict (account_id, month) do update set counted_until = billing_meter.counted_until
        where billing_meter.counted_until = ${span.from}
        returning month`.execute(db);
      if (rows.length === 0) return;
      await sql`
        with said as (${said(span)}),
        active as (
          insert into billing_active (account_id, month, user_id) select ${accountId}, ${month}, sender_id from said on conflict do nothing
        )
        update billing_meter set counted_until = ${span.until}, messages = messages + (select coalesce(sum(s.messages), 0) from said s)
        where month = ${month}`.execute(db);
    },

    async open(month, span) {
      const { rows } = await sql<{ messages: number; active: number }>`
        with said as (${said(span)})
        select coalesce(sum(s.messages), 0)::bigint as messages,
          count(*) filter (where not exists (select from billing_active a where a.month = ${month} and a.user_id = s.sender_id)) as active
        from said s`.execute(db);
      return { messages: rows[0]?.messages ?? 0, monthlyActive: rows[0]?.active ?? 0 };
    },

    async isActive(month, userId, { from, until }) {
      const { rows } = await sql<{ active: boolean }>`
        select exists (select from billing_active where month = ${month} and user_id = ${userId}) or exists (
          select from message
          where id >= ${lowestId(from)}::uuid and id < ${lowestId(until)}::uuid and type <> 'system' and sender_id = ${userId}
        ) as active`.execute(db);
      return rows[0]?.active === true;
    },

    async totals() {
      const { rows } = await sql<{ seats: number; bytes: number }>`
        select (select count(*) from app_user where role <> 'guest' and deleted_at is null) as seats,
          (select coalesce(sum(quota_bytes), 0)::bigint from attachment where owner_id is not null) as bytes`.execute(db);
      return { seats: rows[0]?.seats ?? 0, storageBytes: rows[0]?.bytes ?? 0 };
    },
  };
}
