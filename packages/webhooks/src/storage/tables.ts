import type { Json } from '@coucou/postgres/kit/json';
import { asId } from '@coucou/domain/kernel/ids';
import type { Selectable } from 'kysely';
import type { Attempt, Delivery, DeliveryState, Outcome } from '../domain/delivery.ts';
import type { DeliveredEvent, WebhookEvent } from '../domain/event-types.ts';
import type { DisabledReason, Webhook } from '../domain/webhook.ts';

type WebhookTable = {
  account_id: string;
  id: string;
  url: string;
  description: string | null;
  events: string[];
  ordered: boolean;
  sealed_secret: string;
  previous_sealed_secret: string | null;
  previous_until: Date | null;
  disabled_reason: string | null;
  disabled_at: Date | null;
  failures: number;
  failing_since: Date | null;
  paused_until: Date | null;
  created_by: string | null;
  created_at: Date;
  deleted_at: Date | null;
};
type DeliveryTable = {
  account_id: string;
  webhook_id: string;
  id: string;
  event_id: string;
  event: string;
  conversation_id: string | null;
  version: number | null;
  data: Json<Record<string, unknown>>;
  state: string;
  attempts: number;
  last_outcome: string | null;
  last_status: number | null;
  next_at: Date;
  claim: string | null;
  claimed_until: Date | null;
  created_at: Date;
  ended_at: Date | null;
};
type AttemptTable = {
  account_id: string;
  webhook_id: string;
  delivery_id: string;
  id: string;
  at: Date;
  duration_ms: number;
  url: string;
  bytes: number;
  digest: string;
  outcome: string;
  status: number | null;
  answer: string | null;
};
export type WebhookTables = { webhook: WebhookTable; webhook_delivery: DeliveryTable; webhook_attempt: AttemptTable };

export const toWebhook = (row: Selectable<WebhookTable>): Webhook => ({
  accountId: asId(row.account_id),
  id: asId(row.id),
  url: row.url,
  description: row.description ?? undefined,
  events: row.events as WebhookEvent[],
  ordered: row.ordered,
  sealedSecret: row.sealed_secret,
  previous:
    row.previous_sealed_secret === null || row.previous_until === null
      ? undefined
      : { sealedSecret: row.previous_sealed_secret, until: row.previous_until },
  disabled:
    row.disabled_reason === null || row.disabled_at === null
      ? undefined
      : { reason: row.disabled_reason as DisabledReason, at: row.disabled_at },
  failures: row.failures,
  failingSince: row.failing_since ?? undefined,
  pausedUntil: row.paused_until ?? undefined,
  createdBy: row.created_by === null ? undefined : asId(row.created_by),
  createdAt: row.created_at,
});

export const fromWebhook = (webhook: Webhook) => ({
  url: webhook.url,
  description: webhook.description ?? null,
  events: [...webhook.events],
  ordered: webhook.ordered,
  sealed_secret: webhook.sealedSecret,
  previous_sealed_secret: webhook.previous?.sealedSecret ?? null,
  previous_until: webhook.previous?.until ?? null,
  disabled_reason: webhook.disabled?.reason ?? null,
  disabled_at: webhook.disabled?.at ?? null,
  failures: webhook.failures,
  failing_since: webhook.failingSince ?? null,
  paused_until: webhook.pausedUntil ?? null,
});

export const toDelivery = (row: Selectable<DeliveryTable>): Delivery => ({
  accountId: asId(row.account_id),
  id: asId(row.id),
  webhookId: asId(row.webhook_id),
  eventId: row.event_id,
  event: row.event as DeliveredEvent,
  conversationId: row.conversation_id === null ? undefined : asId(row.conversation_id),
  version: row.version ?? undefined,
  data: row.data,
  state: row.state as DeliveryState,
  attempts: row.attempts,
  lastOutcome: (row.last_outcome ?? undefined) as Outcome | undefined,
  lastStatus: row.last_status ?? undefined,
  nextAt: row.next_at,
  createdAt: row.created_at,
  endedAt: row.ended_at ?? undefined,
});

export const toAttempt = (row: Selectable<AttemptTable>): Attempt => ({
  id: asId(row.id),
  at: row.at,
  durationMs: row.duration_ms,
  url: row.url,
  bytes: row.bytes,
  digest: row.digest,
  outcome: row.outcome as Outcome,
  status: row.status ?? undefined,
  answer: row.answer ?? undefined,
});
