import { defineAuditActions } from '@coucou/domain/audit/audit-action';

/** Where it leads without what may be a secret: an origin, a host and port, or nothing. */
const target = 'text';
const about = { kind: 'text', conversationId: 'text', target } as const;

export const integrationActions = defineAuditActions({
  integration_created: { did: 'added an integration', target: 'integration', details: about },
  integration_updated: { did: 'changed an integration', target: 'integration', details: { ...about, changed: 'texts' } },
  integration_deleted: { did: 'deleted an integration', target: 'integration', details: about },
  integration_secret_rotated: { did: 'replaced the secret of an integration', target: 'integration', details: { kind: 'text' } },
  integration_checked: { did: 'checked an integration', target: 'integration', details: { kind: 'text', outcome: 'text' } },
  integration_disabled: { did: 'disabled an integration that cannot work any more', target: 'integration', details: { reason: 'text' } },
});
