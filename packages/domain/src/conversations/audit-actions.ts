import { defineAuditActions } from '../audit/audit-action.ts';

/** What is done in a conversation to its members, and to itself, by those who may. */
export const conversationActions = defineAuditActions({
  members_added: { did: 'added people to a conversation', target: 'conversation', details: { userIds: 'texts' } },
  member_removed: { did: 'removed somebody from a conversation', target: 'user', details: { conversationId: 'text' } },
  member_changed: {
    did: 'gave a member another role, or muted them; `mutedUntil` is empty where a mute ended',
    target: 'user',
    details: { conversationId: 'text', from: 'text', to: 'text', mutedUntil: 'text?' },
  },
  member_banned: { did: 'banned somebody from a conversation', target: 'user', details: { conversationId: 'text', until: 'text?' } },
  member_unbanned: { did: 'ended a ban from a conversation', target: 'user', details: { conversationId: 'text' } },
  conversation_transferred: { did: 'made somebody the owner in their place', target: 'user', details: { conversationId: 'text' } },
  conversation_deleted: { did: 'deleted a conversation', target: 'conversation', details: {} },
});
