import { defineAuditActions } from '../audit/audit-action.ts';

/** What the operator does about side effects that were given up. */
export const deadLetterActions = defineAuditActions({
  dead_letters_retried: { did: 'had side effects tried again that were given up', target: 'account', details: { count: 'number' } },
  dead_letters_dropped: { did: 'dropped side effects that were given up', target: 'account', details: { count: 'number' } },
});
