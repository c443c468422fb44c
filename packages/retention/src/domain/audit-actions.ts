import { defineAuditActions } from '@coucou/domain/audit/audit-action';

const policy = { maxAgeDays: 'number?', maxMessages: 'number?', archive: 'text?' } as const;
const archive = { conversationId: 'text', firstSeq: 'number', lastSeq: 'number' } as const;

export const retentionActions = defineAuditActions({
  account_retention_changed: { did: 'changed how long messages of the account are kept', target: 'account', details: policy },
  conversation_retention_changed: { did: 'changed how long messages of a conversation are kept', target: 'conversation', details: policy },
  account_held: { did: 'put the account under a legal hold', target: 'account', details: {} },
  account_released: { did: 'released the legal hold of the account', target: 'account', details: {} },
  conversation_held: { did: 'put a conversation under a legal hold', target: 'conversation', details: {} },
  conversation_released: { did: 'released the legal hold of a conversation', target: 'conversation', details: {} },
  messages_trimmed: {
    did: 'trimmed messages of a conversation that were kept for long enough',
    target: 'conversation',
    details: { fromSeq: 'number', toSeq: 'number', archives: 'number' },
  },
  archive_downloaded: { did: 'downloaded an archive of trimmed messages', target: 'archive', details: archive },
  archive_deleted: { did: 'deleted an archive of trimmed messages', target: 'archive', details: archive },
});
