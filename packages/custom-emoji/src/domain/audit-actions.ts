import { defineAuditActions } from '@coucou/domain/audit/audit-action';

export const customEmojiActions = defineAuditActions({
  emoji_put: { did: 'added a custom emoji, or gave it another image', target: 'account', details: { name: 'text', imageUrl: 'text' } },
  emoji_deleted: { did: 'deleted a custom emoji', target: 'account', details: { name: 'text' } },
});
