import { event, holdIds } from '@coucou/application/kernel/event';
import type { Instant } from '@coucou/domain/kernel/ids';
import type { WebhookId } from '../domain/webhook.ts';

/** Something waits for an endpoint. One order of a webhook waits at a time. `at`: not before; absent: at once. */
export const webhookDue = event<Readonly<{ webhookId: WebhookId; at?: Instant | undefined }>>()({
  type: 'webhooks.due',
  tells: [],
  audience: () => [],
  fact: ({ webhookId }) => ({ webhookId }),
  reads: (fact) => holdIds(fact, 'webhookId'),
  dueAt: ({ at }) => at,
  dedupKey: ({ webhookId }) => webhookId,
});
