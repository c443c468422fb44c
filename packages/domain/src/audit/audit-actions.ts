import { defineAuditActions } from './audit-action.ts';

/** What is done with the log itself. */
export const auditActions = defineAuditActions({
  audit_exported: { did: 'exported the audit log', target: 'account', details: {} },
});
