import { defineAuditActions } from '../audit/audit-action.ts';

export const messageActions = defineAuditActions({
  message_removed: {
    did: 'deleted a message of somebody else for everybody',
    target: 'message',
    details: { conversationId: 'text', authorId: 'text' },
  },
});
