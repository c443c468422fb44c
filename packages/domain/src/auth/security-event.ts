import type { AccountId, Id, Instant, SessionId, UserId } from '../kernel/ids.ts';

export type SecurityEventKind =
  | 'signed_up'
  | 'signed_in'
  | 'signed_out'
  | 'refresh_token_replayed'
  | 'sessions_revoked'
  | 'password_changed'
  | 'password_reset'
  | 'email_verified'
  | 'email_changed'
  | 'email_change_undone'
  | 'username_changed'
  | 'credentials_dropped'
  | 'second_factor_added'
  | 'second_factor_removed'
  | 'second_factor_failed'
  | 'recovery_code_used'
  | 'recovery_codes_renewed'
  | 'passkey_added'
  | 'passkey_removed'
  | 'passkey_cloned'
  | 'identity_linked'
  | 'identity_unlinked'
  | 'token_minted'
  | 'api_key_created'
  | 'api_key_rotated'
  | 'api_key_revoked'
  | 'issuer_registered'
  | 'issuer_changed'
  | 'issuer_removed'
  | 'role_changed'
  | 'user_created'
  | 'user_suspended'
  | 'user_restored'
  | 'user_deleted'
  | 'user_exported'
  | 'users_imported'
  | 'guest_upgraded'
  | 'account_created'
  | 'account_suspended'
  | 'account_restored'
  | 'settings_changed'
  | 'limits_changed'
  | 'invite_created'
  | 'invite_revoked'
  | 'dpop_refused';

/** What happened to somebody's access, for those who look into it later. Append-only; holds no secret. */
export type SecurityEvent = Readonly<{
  accountId: AccountId;
  id: Id<'securityEvent'>;
  kind: SecurityEventKind;
  /** Whom it concerns. */
  userId: UserId | undefined;
  sessionId: SessionId | undefined;
  ip: string;
  userAgent: string;
  /** Plain values, no secrets. */
  details: Readonly<Record<string, unknown>>;
  at: Instant;
}>;

export interface SecurityEventRepository {
  add(event: SecurityEvent): Promise<void>;
  /** The newest of one person. */
  list(userId: UserId, limit: number): Promise<SecurityEvent[]>;
}
