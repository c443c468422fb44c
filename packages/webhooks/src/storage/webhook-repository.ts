import { lockInAccount } from '@coucou/postgres/kit/account-lock';
import { type Kysely, sql } from 'kysely';
import type { WebhookRepository } from '../application/webhook-repository.ts';
import type { WebhookId } from '../domain/webhook.ts';
import { fromWebhook, toWebhook, type WebhookTables } from './tables.ts';

export function createWebhookRepository(db: Kysely<WebhookTables>): WebhookRepository {
  const present = () => db.selectFrom('webhook').selectAll().where('deleted_at', 'is', null);
  const byId = (id: WebhookId) => present().where('id', '=', id);

  return {
    async list() {
      return (await present().orderBy('id', 'desc').execute()).map(toWebhook);
    },

    async lookup(id) {
      const row = await byId(id).executeTakeFirst();
      return row && toWebhook(row);
    },

    lockAll: () => lockInAccount(db, 'webhooks'),

    async lock(id) {
      // New deliveries refer to it meanwhile.
      const row = await byId(id).forNoKeyUpdate().executeTakeFirst();
      return row && toWebhook(row);
    },

    async add(webhook) {
      const { accountId: account_id, id, createdBy, createdAt: created_at } = webhook;
      await db
        .insertInto('webhook')
        .values({ account_id, id, ...fromWebhook(webhook), created_by: createdBy ?? null, created_at, deleted_at: null })
        .execute();
    },

    async update(webhook) {
      await db.updateTable('webhook').set(fromWebhook(webhook)).where('id', '=', webhook.id).execute();
    },

    async remove(id, deleted_at) {
      await db.updateTable('webhook').set({ deleted_at }).where('id', '=', id).execute();
    },

    async removeDeleted(most) {
      const { numAffectedRows: deliveries = 0n } = await sql`
        with old as materialized (
          select x.webhook_id, x.id from webhook w join webhook_delivery x on x.webhook_id = w.id
          where w.deleted_at is not null limit ${most}
        )
        delete from webhook_delivery d using old where d.webhook_id = old.webhook_id and d.id = old.id`.execute(db);
      const { numAffectedRows: webhooks = 0n } = await sql`
        delete from webhook w where w.deleted_at is not null
          and not exists (select from webhook_delivery d where d.webhook_id = w.id)`.execute(db);
      return Number(deliveries + webhooks);
    },
  };
}
