import { defineAuditActions } from '../audit/audit-action.ts';

/** What is done with everything that is held of somebody. */
export const privacyActions = defineAuditActions({
  user_exported: { did: 'exported what is held of somebody', target: 'user', details: {} },
  user_deleted: { did: 'deleted somebody, whose erasure begins', target: 'user', details: { sessions: 'number' } },
  user_erased: { did: 'finished the erasure of somebody', target: 'user', details: {} },
});
