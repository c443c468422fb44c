import { defineAuditActions } from '@coucou/domain/audit/audit-action';

/** Of an address only its origin: the rest of it may be a secret. */
const origin = 'text';

export const beforeSendActions = defineAuditActions({
  before_send_hook_created: { did: 'added the before-send hook', target: 'account', details: { origin, onFailure: 'text' } },
  before_send_hook_updated: { did: 'changed the before-send hook', target: 'account', details: { origin, changed: 'texts' } },
  before_send_hook_deleted: { did: 'deleted the before-send hook', target: 'account', details: { origin } },
  before_send_hook_secret_rotated: {
    did: 'replaced the secret of the before-send hook',
    target: 'account',
    details: { overlapSeconds: 'number' },
  },
  before_send_hook_tested: { did: 'sent a test to the before-send hook', target: 'account', details: { outcome: 'text' } },
});
