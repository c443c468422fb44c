import { defineAuditActions } from '../audit/audit-action.ts';

export const userActions = defineAuditActions({
  username_changed: { did: 'changed their username', target: 'user', details: { before: 'text' } },
});
