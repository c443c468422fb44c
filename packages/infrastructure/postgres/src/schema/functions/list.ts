import { functionFiles } from '../schema-set.ts';

/** What a function calls in its SQL stands before it. */
export const functions = functionFiles(import.meta.url, [
  'blocks/blocked-with',
  'users/is-suspended',
  'conversations/history-floor',
  'conversations/lock-conversation',
  'receipts/unread',
  'messages/posting-rules',
  'messages/append-messages',
  'messages/import-messages',
  'receipts/count-own',
  'receipts/mark-receipts',
  'messages/forget-message-search',
  'messages/search-messages',
  'users/search-users',
  'outbox/hold-claim',
  'audit/queue-entry',
  'audit/keep-log',
]);
