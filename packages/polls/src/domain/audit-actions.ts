import { defineAuditActions } from '@coucou/domain/audit/audit-action';

export const pollActions = defineAuditActions({
  poll_closed: { did: 'closed a poll of somebody else', target: 'message', details: { conversationId: 'text', authorId: 'text' } },
});
