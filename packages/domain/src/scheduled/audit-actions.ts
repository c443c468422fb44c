import { defineAuditActions } from '../audit/audit-action.ts';

/** What is done in the name of somebody else. */
export const scheduledActions = defineAuditActions({
  message_scheduled: {
    did: 'scheduled a message of the account',
    target: 'scheduledMessage',
    details: { senderId: 'text', conversationId: 'text', sendAt: 'text', rrule: 'text?' },
  },
  scheduled_message_deleted: {
    did: 'cancelled a scheduled message of the account',
    target: 'scheduledMessage',
    details: { senderId: 'text', conversationId: 'text' },
  },
});
