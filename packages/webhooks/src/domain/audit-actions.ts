import { defineAuditActions } from '@coucou/domain/audit/audit-action';

/** Of an address only its origin: the rest of it may be a secret. */
const origin = 'text';

export const webhookActions = defineAuditActions({
  webhook_created: { did: 'added a webhook', target: 'webhook', details: { origin, events: 'texts' } },
  webhook_updated: { did: 'changed a webhook', target: 'webhook', details: { origin, changed: 'texts' } },
  webhook_deleted: { did: 'deleted a webhook', target: 'webhook', details: { origin } },
  webhook_secret_rotated: { did: 'replaced the secret of a webhook', target: 'webhook', details: { overlapSeconds: 'number' } },
  webhook_tested: { did: 'sent a test to a webhook', target: 'webhook', details: {} },
  webhook_replayed: { did: 'sent deliveries of a webhook again', target: 'webhook', details: { deliveries: 'number' } },
  webhook_disabled: { did: 'disabled a webhook that failed for long', target: 'webhook', details: { reason: 'text' } },
});
