import { asId } from '@coucou/domain/kernel/ids';
import { addSeconds } from '@coucou/domain/kernel/time';
import { decodeCursor, encodeCursor } from '@coucou/postgres/kit/cursor';
import { type Kysely, type RawBuilder, type Selectable, sql } from 'kysely';
import { z } from 'zod';
import type { DeliveryRepository } from '../application/webhook-repository.ts';
import type { DeliveryId } from '../domain/delivery.ts';
import { eventIdOf, factTypeOf } from '../domain/event-types.ts';
import type { Webhook, WebhookId } from '../domain/webhook.ts';
import { toAttempt, toDelivery, type WebhookTables } from './tables.ts';

const LIST = 'webhook-deliveries';
const place = z.tuple([z.uuid()]);

/** How soon to look again for events that are on their way out of the outbox. Whatever takes them out looks at once. */
const BEHIND_SECONDS = 1;

/**
 * What may go next, as `candidate`: `waits` where an earlier event of the conversation is still in the outbox. Each part is made once and in one
 * pass, whatever the planner knows of a table that has just begun to fill.
 */
const candidates = ({ id, ordered, events }: Webhook): RawBuilder<unknown> =>
  ordered
    ? sql`
      with told as materialized (
        select ${eventIdOf('', 0)} || o.id::text as event_id, o.payload ->> 'conversationId' as conversation_id,
          coalesce((o.payload ->> 'version')::bigint, 0) as version
        from outbox o where o.type = any(${events.map(factTypeOf)}::text[]) and o.dead_at is null
      ),
      taken as materialized (
        select d.event_id from webhook_delivery d where d.webhook_id = ${id} and d.event_id = any(array(select event_id from told))
      ),
      behind as materialized (
        select conversation_id, min(version) as version from told where event_id not in (select event_id from taken) group by 1
      ),
      first as materialized (
        select distinct on (d.conversation_id) d.id, d.conversation_id, d.version, d.next_at, d.claimed_until
        from webhook_delivery d
        where d.webhook_id = ${id} and d.state = 'pending' and d.conversation_id is not null
        order by d.conversation_id, d.version nulls first, d.id
      ),
      candidate as materialized (
        select f.id, f.next_at, f.claimed_until, coalesce(b.version < f.version, false) as waits
        from first f left join behind b on b.conversation_id = f.conversation_id::text
        union all
        select d.id, d.next_at, d.claimed_until, false from webhook_delivery d
        where d.webhook_id = ${id} and d.state = 'pending' and d.conversation_id is null
      )`
    : sql`
      with candidate as not materialized (
        select d.id, d.next_at, d.claimed_until, false as waits from webhook_delivery d where d.webhook_id = ${id} and d.state = 'pending'
      )`;

const underWay = ({ id }: Webhook, now: Date): RawBuilder<unknown> =>
  sql`webhook_delivery c where c.webhook_id = ${id} and c.claim is not null and c.claimed_until > ${now}`;

export function createDeliveryRepository(db: Kysely<WebhookTables>): DeliveryRepository {
  const ofWebhook = (webhookId: WebhookId) => db.selectFrom('webhook_delivery').selectAll().where('webhook_id', '=', webhookId);
  const byId = (webhookId: WebhookId, id: DeliveryId) => ofWebhook(webhookId).where('id', '=', id);
  const renewed = (now: Date) => ({ state: 'pending', attempts: 0, next_at: now, ended_at: null, claim: null, claimed_until: null });

  return {
    async addForSubscribers(account, occurrences, now) {
      const rows = occurrences.map(({ id, eventId, event, conversationId, version, data }) => ({
        id,
        event_id: eventId,
        event,
        conversation_id: conversationId,
        version,
        data,
      }));
      const { rows: added } = await sql<{ webhook_id: string }>`
        insert into webhook_delivery (account_id, webhook_id, id, event_id, event, conversation_id, version, data, state, attempts, next_at, created_at)
        select ${account}::uuid, w.id, o.id, o.event_id, o.event, o.conversation_id, o.version, o.data, 'pending', 0, ${now}, ${now}
        from json_to_recordset(${JSON.stringify(rows)}::json)
          as o(id uuid, event_id text, event text, conversation_id uuid, version bigint, data jsonb)
        join webhook w on w.disabled_at is null and w.deleted_at is null and o.event = any(w.events)
        order by o.id
        on conflict do nothing
        returning webhook_id`.execute(db);
      return [...new Set(added.map(({ webhook_id }) => asId<'webhook'>(webhook_id)))];
    },

    async add(delivery) {
      await db
        .insertInto('webhook_delivery')
        .values({
          account_id: delivery.accountId,
          webhook_id: delivery.webhookId,
          id: delivery.id,
          event_id: delivery.eventId,
          event: delivery.event,
          conversation_id: delivery.conversationId ?? null,
          version: delivery.version ?? null,
          data: JSON.stringify(delivery.data),
          state: delivery.state,
          attempts: delivery.attempts,
          last_outcome: null,
          last_status: null,
          next_at: delivery.nextAt,
          claim: null,
          claimed_until: null,
          created_at: delivery.createdAt,
          ended_at: null,
        })
        .execute();
    },

    async lookup(webhookId, id) {
      const row = await byId(webhookId, id).executeTakeFirst();
      return row && toDelivery(row);
    },

    async list(webhookId, { state, event }, { limit, cursor }) {
      const [before] = cursor === undefined ? [undefined] : decodeCursor(LIST, place, cursor);
      const rows = await ofWebhook(webhookId)
        .$if(before !== undefined, (query) => query.where('id', '<', String(before)))
        .$if(state !== undefined, (query) => query.where('state', '=', String(state)))
        .$if(event !== undefined, (query) => query.where('event', '=', String(event)))
        .orderBy('id', 'desc')
        .limit(limit + 1)
        .execute();
      const items = rows.slice(0, limit).map(toDelivery);
      const last = items.at(-1);
      return { items, nextCursor: rows.length > limit && last ? encodeCursor(LIST, [last.id]) : undefined };
    },

    async attempts(webhookId, id) {
      const rows = await db
        .selectFrom('webhook_attempt')
        .selectAll()
        .where('webhook_id', '=', webhookId)
        .where('delivery_id', '=', id)
        .orderBy('id')
        .execute();
      return rows.map(toAttempt);
    },

    async claim({ webhook, claim, until, now, most, atOnce }) {
      const { rows } = await sql<Selectable<WebhookTables['webhook_delivery']>>`
        ${candidates(webhook)},
        next as materialized (
          select id from candidate
          where next_at <= ${now} and (claimed_until is null or claimed_until <= ${now}) and not waits
          order by next_at, id
          limit greatest(0, least(${most}::bigint, ${atOnce}::bigint - (select count(*) from ${underWay(webhook, now)})))
        )
        update webhook_delivery d set claim = ${claim}::uuid, claimed_until = ${until}
        where d.webhook_id = ${webhook.id} and d.id = any(array(select id from next))
        returning d.*`.execute(db);
      return rows.map(toDelivery);
    },

    async nextAt(webhook, atOnce, now) {
      type Row = Readonly<{ next: Date | null; waits: boolean | null; busy: number; busy_until: Date | null }>;
      const { rows } = await sql<Row>`
        ${candidates(webhook)},
        free as (select * from candidate where claimed_until is null or claimed_until <= ${now})
        select (select min(next_at) from free where not waits) as next, (select bool_or(waits) from free) as waits,
          count(*)::integer as busy, min(c.claimed_until) as busy_until
        from ${underWay(webhook, now)}`.execute(db);
      const [found] = rows;
      if (found === undefined) return undefined;
      const { next, waits, busy, busy_until } = found;
      // Whoever sends these goes on with what is due; this is for when they are dead.
      if (busy >= atOnce) return busy_until ?? undefined;
      const times = [next, busy_until, waits === true ? addSeconds(now, BEHIND_SECONDS) : null].filter((at) => at !== null);
      return times.toSorted((a, b) => a.getTime() - b.getTime())[0];
    },

    async end(delivery, attempt, claim) {
      const { webhookId: webhook_id, id, accountId: account_id } = delivery;
      const { numUpdatedRows } = await db
        .updateTable('webhook_delivery')
        .set({
          state: delivery.state,
          attempts: delivery.attempts,
          last_outcome: delivery.lastOutcome ?? null,
          last_status: delivery.lastStatus ?? null,
          next_at: delivery.nextAt,
          ended_at: delivery.endedAt ?? null,
          claim: null,
          claimed_until: null,
        })
        .where('webhook_id', '=', webhook_id)
        .where('id', '=', id)
        .where('claim', '=', claim)
        .executeTakeFirstOrThrow();
      if (numUpdatedRows === 0n) return false;
      const { durationMs: duration_ms, status = null, answer = null, ...rest } = attempt;
      await db
        .insertInto('webhook_attempt')
        .values({ account_id, webhook_id, delivery_id: id, duration_ms, status, answer, ...rest })
        .execute();
      return true;
    },

    async hasten(webhookId, now) {
      await db
        .updateTable('webhook_delivery')
        .set({ next_at: now })
        .where('webhook_id', '=', webhookId)
        .where('state', '=', 'pending')
        .where('next_at', '>', now)
        .execute();
    },

    async replay(webhookId, { states, from, to }, now, most) {
      const { rows } = await sql<{ created_at: Date }>`
        with old as materialized (
          select id from webhook_delivery
          where webhook_id = ${webhookId} and state = any(${[...states]}::text[])
            and created_at >= ${from ?? new Date(0)} and (${to ?? null}::timestamptz is null or created_at < ${to ?? null}::timestamptz)
          order by created_at, id limit ${most}
        )
        update webhook_delivery d set state = 'pending', attempts = 0, next_at = ${now}, ended_at = null
        where d.webhook_id = ${webhookId} and d.id = any(array(select id from old)) and d.state <> 'pending'
        returning d.created_at`.execute(db);
      const last = rows
        .map(({ created_at }) => created_at)
        .toSorted((a, b) => a.getTime() - b.getTime())
        .at(-1);
      return { replayed: rows.length, last };
    },

    async replayOne(webhookId, id, now) {
      const row = await db
        .updateTable('webhook_delivery')
        .set(renewed(now))
        .where('webhook_id', '=', webhookId)
        .where('id', '=', id)
        .where('state', '<>', 'pending')
        .returningAll()
        .executeTakeFirst();
      // One that is on its way is sent in any case.
      return row === undefined ? this.lookup(webhookId, id) : toDelivery(row);
    },

    async overdue(before) {
      const { rows } = await sql<{ id: string }>`
        select w.id from webhook w
        where w.deleted_at is null and w.disabled_at is null and (w.paused_until is null or w.paused_until < ${before}) and exists (
          select from webhook_delivery d
          where d.webhook_id = w.id and d.state = 'pending' and d.next_at < ${before}
            and (d.claimed_until is null or d.claimed_until < ${before}))`.execute(db);
      return rows.map(({ id }) => asId<'webhook'>(id));
    },

    async trim(before, most) {
      const { numAffectedRows = 0n } = await sql`
        with old as materialized (
          select webhook_id, id from webhook_delivery where created_at < ${before} order by created_at limit ${most}
        )
        delete from webhook_delivery d using old where d.webhook_id = old.webhook_id and d.id = old.id`.execute(db);
      return Number(numAffectedRows);
    },
  };
}
