import { defineAuditActions } from '../audit/audit-action.ts';

const sessions = 'number';

/** What happens to people's access, and to that of servers. */
export const authActions = defineAuditActions({
  signed_up: { did: 'signed up', target: 'user', bySelf: true, details: { method: 'text?', issuer: 'text?' } },
  signed_in: {
    did: 'signed in; the session is the new one',
    target: 'user',
    bySelf: true,
    details: { method: 'text', secondFactor: 'text?', passkeyId: 'text?', issuer: 'text?' },
  },
  signed_out: { did: 'signed out', target: 'user', details: { sessions } },
  refresh_token_replayed: { did: 'presented a refresh token once more, which ended the session', target: 'user', details: {} },
  dpop_refused: { did: 'presented a token without its key', target: 'user', details: { code: 'text', token: 'text' } },
  sessions_revoked: { did: 'ended sessions; one alone is named', target: 'user', details: { sessions, sessionId: 'text?' } },
  token_minted: { did: 'opened a session for somebody', target: 'user', details: { sessionId: 'text' } },
  password_changed: { did: 'changed their password', target: 'user', details: { sessions } },
  password_reset: { did: 'replaced a forgotten password', target: 'user', bySelf: true, details: { sessions } },
  email_verified: { did: 'proved to own their address', target: 'user', bySelf: true, details: { by: 'text' } },
  email_changed: { did: 'changed an address, or lost it to who proved to own it', target: 'user', details: { reason: 'text?' } },
  email_change_undone: { did: 'took their former address back', target: 'user', bySelf: true, details: {} },
  credentials_dropped: {
    did: 'had everything removed that was signed in by before they proved to own the address',
    target: 'user',
    bySelf: true,
    details: { by: 'text', sessions },
  },
  second_factor_added: { did: 'added a second factor', target: 'user', bySelf: true, details: { method: 'text' } },
  second_factor_removed: { did: 'removed a second factor', target: 'user', details: { method: 'text' } },
  second_factor_failed: { did: 'failed at the second factor', target: 'user', details: { method: 'text', kind: 'text' } },
  recovery_code_used: { did: 'signed in by a recovery code', target: 'user', bySelf: true, details: { left: 'number' } },
  recovery_codes_renewed: { did: 'had recovery codes made anew', target: 'user', details: {} },
  passkey_added: { did: 'added a passkey', target: 'user', details: { passkeyId: 'text' } },
  passkey_removed: { did: 'removed a passkey', target: 'user', details: { passkeyId: 'text' } },
  passkey_cloned: { did: 'presented a copy of a passkey', target: 'user', details: { passkeyId: 'text' } },
  identity_linked: { did: 'linked an identity of another issuer', target: 'user', bySelf: true, details: { issuer: 'text' } },
  identity_unlinked: { did: 'removed an identity of another issuer', target: 'user', details: { issuer: 'text' } },
  guest_upgraded: { did: 'became a member, having been a guest', target: 'user', details: {} },
  signing_key_rotated: { did: 'had the access tokens of all accounts signed by another key', target: 'account', details: { kid: 'text' } },
  api_key_created: { did: 'made an API key', target: 'apiKey', details: { name: 'text', scopes: 'texts' } },
  api_key_rotated: { did: 'gave an API key another secret', target: 'apiKey', details: { overlapSeconds: 'number' } },
  api_key_revoked: { did: 'revoked an API key', target: 'apiKey', details: {} },
  issuer_registered: { did: 'registered an issuer of identities', target: 'issuer', details: { issuer: 'text' } },
  issuer_changed: { did: 'changed an issuer of identities', target: 'issuer', details: { issuer: 'text' } },
  issuer_removed: { did: 'removed an issuer of identities', target: 'issuer', details: { issuer: 'text' } },
});
