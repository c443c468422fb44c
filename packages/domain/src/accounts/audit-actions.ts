import { defineAuditActions } from '../audit/audit-action.ts';

/** What is done to an account and the people in it. */
export const accountActions = defineAuditActions({
  account_created: { did: 'made the account', target: 'account', details: { name: 'text', clientKey: 'text' } },
  account_suspended: { did: 'suspended the account', target: 'account', details: {} },
  account_restored: { did: 'ended the suspension of the account', target: 'account', details: {} },
  settings_changed: { did: 'changed settings of the account', target: 'account', details: { changed: 'texts' } },
  limits_changed: { did: 'granted the account other limits', target: 'account', details: { limits: 'object' } },
  invite_created: { did: 'made an invitation to the account', target: 'account', details: { uses: 'number', expiresAt: 'text' } },
  invite_revoked: { did: 'revoked an invitation to the account', target: 'account', details: { uses: 'number' } },
  users_imported: {
    did: 'imported people',
    target: 'account',
    details: { read: 'number', created: 'number', existing: 'number', refused: 'number' },
  },
  account_imported: {
    did: 'imported people, conversations and messages',
    target: 'account',
    details: { people: 'number', conversations: 'number', messages: 'number', files: 'number' },
  },
  account_exported: { did: 'exported the account', target: 'account', details: {} },
  user_created: { did: 'made somebody a user', target: 'user', details: { role: 'text?' } },
  user_suspended: { did: 'suspended somebody', target: 'user', details: {} },
  user_restored: { did: 'ended the suspension of somebody', target: 'user', details: {} },
  role_changed: { did: 'gave somebody another role in the account', target: 'user', details: { from: 'text', to: 'text' } },
});
