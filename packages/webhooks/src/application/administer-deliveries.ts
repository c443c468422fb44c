import { AuditLog } from '@coucou/application/audit/audit-log';
import { auditPorts, recordAudit } from '@coucou/application/audit/record-audit';
import { adminUseCase } from '@coucou/application/kernel/use-case';
import { unitOfWork } from '@coucou/application/ports/unit-of-work';
import { webhookActions } from '../domain/audit-actions.ts';
import type { Attempt, Delivery, DeliveryId } from '../domain/delivery.ts';
import { eventIdOf, TEST_EVENT } from '../domain/event-types.ts';
import { webhookLimits } from '../domain/limits.ts';
import { type Webhook, webhookErrors, type WebhookId } from '../domain/webhook.ts';
import { requireWebhook } from './administer-webhooks.ts';
import { type Presenters, presented, presentEvent } from './present-event.ts';
import { webhookDue } from './webhook-events.ts';
import { Deliveries, type DeliveryFilter, type WebhookRepository, Webhooks } from './webhook-repository.ts';

type OfWebhook = Readonly<{ webhookId: WebhookId }>;
type OfDelivery = OfWebhook & Readonly<{ deliveryId: DeliveryId }>;

const uow = unitOfWork({ webhooks: Webhooks, deliveries: Deliveries, auditLog: AuditLog });

async function requireEnabled({ webhooks }: Readonly<{ webhooks: WebhookRepository }>, id: WebhookId): Promise<Webhook> {
  const webhook = await requireWebhook(webhooks.lock(id));
  if (webhook.disabled !== undefined) throw webhookErrors.DISABLED({ reason: webhook.disabled.reason });
  return webhook;
}

async function requireDelivery(found: Promise<Delivery | undefined>): Promise<Delivery> {
  const delivery = await found;
  if (delivery === undefined) throw webhookErrors.DELIVERY_NOT_FOUND();
  return delivery;
}

export type ListDeliveries = OfWebhook & DeliveryFilter & Readonly<{ limit: number; cursor?: string | undefined }>;

export const listDeliveries = adminUseCase({
  name: 'admin.listWebhookDeliveries',
  deps: { uow },
  run: ({ uow: { read } }, { webhookId, limit, cursor, ...filter }: ListDeliveries, { account }) =>
    read(account, async (tx) => {
      await requireWebhook(tx.webhooks.lookup(webhookId));
      return tx.deliveries.list(webhookId, filter, { limit, cursor });
    }),
});

/** `body`: what is sent, or would be now. */
export type ShownDelivery = Readonly<{ delivery: Delivery; attempts: readonly Attempt[]; body: string }>;

export const getDelivery = (present: Presenters) =>
  adminUseCase({
    name: 'admin.getWebhookDelivery',
    deps: { uow: unitOfWork({ webhooks: Webhooks, deliveries: Deliveries, ...presented }) },
    run: ({ uow: { read } }, { webhookId, deliveryId }: OfDelivery, { account }): Promise<ShownDelivery> =>
      read(account, async (tx) => {
        await requireWebhook(tx.webhooks.lookup(webhookId));
        const delivery = await requireDelivery(tx.deliveries.lookup(webhookId, deliveryId));
        const body = await presentEvent(tx, present, delivery);
        return { delivery, attempts: await tx.deliveries.attempts(webhookId, deliveryId), body };
      }),
  });

export const replayDelivery = adminUseCase({
  name: 'admin.replayWebhookDelivery',
  deps: { uow, ...auditPorts },
  run: ({ uow: { write }, ...ports }, { webhookId, deliveryId }: OfDelivery, call): Promise<Delivery> =>
    write(call.account, async (tx) => {
      await requireEnabled(tx, webhookId);
      const delivery = await requireDelivery(tx.deliveries.replayOne(webhookId, deliveryId, ports.clock.now()));
      tx.emit(webhookDue({ webhookId }));
      await recordAudit(ports, tx, call, webhookActions.webhook_replayed, { target: webhookId, details: { deliveries: 1 } });
      return delivery;
    }),
});

export type ReplayDeliveries = OfWebhook & Readonly<{ deliveries: 'failed' | 'all'; from?: string | undefined; to?: string | undefined }>;

/** `nextFrom`: where the next call begins; absent when all was taken. */
export type Replayed = Readonly<{ replayed: number; nextFrom: Date | undefined }>;

export const replayDeliveries = adminUseCase({
  name: 'admin.replayWebhookDeliveries',
  deps: { uow, ...auditPorts },
  run: ({ uow: { write }, ...ports }, { webhookId, deliveries, from, to }: ReplayDeliveries, call): Promise<Replayed> =>
    write(call.account, async (tx) => {
      await requireEnabled(tx, webhookId);
      const range = {
        states: deliveries === 'all' ? (['delivered', 'failed'] as const) : (['failed'] as const),
        from: from === undefined ? undefined : new Date(from),
        to: to === undefined ? undefined : new Date(to),
      };
      const { replayed, last } = await tx.deliveries.replay(webhookId, range, ports.clock.now(), webhookLimits.replayed);
      tx.emit(webhookDue({ webhookId }));
      await recordAudit(ports, tx, call, webhookActions.webhook_replayed, { target: webhookId, details: { deliveries: replayed } });
      return { replayed, nextFrom: replayed === webhookLimits.replayed ? last : undefined };
    }),
});

export const testWebhook = adminUseCase({
  name: 'admin.testWebhook',
  deps: { uow, ...auditPorts },
  run: ({ uow: { write }, ...ports }, { webhookId }: OfWebhook, call): Promise<Delivery> =>
    write(call.account, async (tx) => {
      await requireEnabled(tx, webhookId);
      const now = ports.clock.now();
      const id = ports.ids.next<'webhookDelivery'>();
      const delivery: Delivery = {
        accountId: call.account,
        id,
        webhookId,
        eventId: eventIdOf(id, 0),
        event: TEST_EVENT,
        conversationId: undefined,
        version: undefined,
        data: { webhookId },
        state: 'pending',
        attempts: 0,
        lastOutcome: undefined,
        lastStatus: undefined,
        nextAt: now,
        createdAt: now,
        endedAt: undefined,
      };
      await tx.deliveries.add(delivery);
      tx.emit(webhookDue({ webhookId }));
      await recordAudit(ports, tx, call, webhookActions.webhook_tested, { target: webhookId });
      return delivery;
    }),
});
