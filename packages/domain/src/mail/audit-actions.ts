import { defineAuditActions } from '../audit/audit-action.ts';

export const mailActions = defineAuditActions({
  mail_template_changed: {
    did: 'put words of the account in place of the server’s, in one kind of mail and one language',
    target: 'account',
    details: { kind: 'text', locale: 'text' },
  },
  mail_template_removed: {
    did: 'went back to the server’s words, in one kind of mail and one language',
    target: 'account',
    details: { kind: 'text', locale: 'text' },
  },
  mail_suppression_lifted: {
    did: 'had mail sent again to an address that mail had come back from',
    target: 'mailSuppression',
    details: {},
  },
});
