import { defineAuditActions } from '../audit/audit-action.ts';

export const moderationActions = defineAuditActions({
  report_made: { did: 'reported a message or a person; the report says whom', target: 'report', details: { kind: 'text' } },
  word_listed: { did: 'listed a word that is masked or rejected', target: 'account', details: { word: 'text', action: 'text' } },
  word_unlisted: { did: 'took a word from the list', target: 'account', details: { word: 'text' } },
});
