import type { Page } from '@coucou/application/conversations/conversation-reader';
import type { z } from 'zod';
import type { Replayed, ShownDelivery } from './application/administer-deliveries.ts';
import type { IssuedWebhook } from './application/administer-webhooks.ts';
import type {
  Delivery as WireDelivery,
  IssuedWebhook as WireIssued,
  ShownDelivery as WireShown,
  Webhook as WireWebhook,
} from './contracts/webhook.ts';
import type { Attempt, Delivery } from './domain/delivery.ts';
import type { Webhook } from './domain/webhook.ts';

export const presentWebhook = (webhook: Webhook): z.infer<typeof WireWebhook> => ({
  id: webhook.id,
  url: webhook.url,
  description: webhook.description,
  events: [...webhook.events],
  ordered: webhook.ordered,
  status: webhook.disabled === undefined ? 'enabled' : 'disabled',
  disabledReason: webhook.disabled?.reason,
  disabledAt: webhook.disabled?.at.toISOString(),
  failingSince: webhook.failingSince?.toISOString(),
  pausedUntil: webhook.pausedUntil?.toISOString(),
  previousSecretUntil: webhook.previous?.until.toISOString(),
  createdBy: webhook.createdBy,
  createdAt: webhook.createdAt.toISOString(),
});

export const presentWebhooks = (webhooks: readonly Webhook[]) => ({ items: webhooks.map(presentWebhook) });

export const presentIssued = ({ webhook, secret }: IssuedWebhook): z.infer<typeof WireIssued> => ({
  webhook: presentWebhook(webhook),
  secret,
});

export const presentDelivery = (delivery: Delivery): z.infer<typeof WireDelivery> => ({
  id: delivery.id,
  eventId: delivery.eventId,
  event: delivery.event,
  conversationId: delivery.conversationId,
  state: delivery.state,
  attempts: delivery.attempts,
  lastOutcome: delivery.lastOutcome,
  lastStatus: delivery.lastStatus,
  nextAttemptAt: delivery.state === 'pending' ? delivery.nextAt.toISOString() : undefined,
  createdAt: delivery.createdAt.toISOString(),
  endedAt: delivery.endedAt?.toISOString(),
});

export const presentDeliveries = ({ items, nextCursor }: Page<Delivery>) => ({
  items: items.map(presentDelivery),
  nextCursor: nextCursor ?? null,
});

const presentAttempt = ({ at, durationMs, url, bytes, digest, outcome, status, answer }: Attempt) => ({
  at: at.toISOString(),
  durationMs,
  request: { url, bytes, sha256: digest },
  outcome,
  response: status === undefined ? undefined : { status, body: answer ?? '' },
});

export const presentShownDelivery = ({ delivery, attempts, body }: ShownDelivery): z.infer<typeof WireShown> => ({
  ...presentDelivery(delivery),
  body,
  log: attempts.map(presentAttempt),
});

export const presentReplayed = ({ replayed, nextFrom }: Replayed) => ({ replayed, nextFrom: nextFrom?.toISOString() });
