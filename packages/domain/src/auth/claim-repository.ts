import type { Instant } from '../kernel/ids.ts';

/** What single-use secrets are for; a secret for one purpose is none for another. */
export type ClaimPurpose =
  | 'email-verification'
  | 'email-change'
  | 'email-undo'
  | 'password-reset'
  | 'magic-link'
  | 'oauth-state'
  | 'oauth-code'
  | 'external-token'
  | 'second-factor'
  | 'totp-step'
  | 'recovery-code'
  | 'passkey-challenge'
  | 'dpop-proof'
  | 'account-invite';

/** Secrets that came by mail. */
export const linkPurposes = [
  'email-verification',
  'email-change',
  'email-undo',
  'password-reset',
  'magic-link',
  'account-invite',
] as const satisfies readonly ClaimPurpose[];

/** Single use, across nodes. */
export interface ClaimRepository {
  /**
   * True for exactly one of all callers, ever, that claim this key for this purpose in this account. The claim commits with the unit of
   * work, so an effect that fails leaves the secret unused; concurrent callers wait for each other. It may be forgotten after `until`,
   * when the secret has expired by itself.
   */
  claimOnce(purpose: ClaimPurpose, key: string, until: Instant): Promise<boolean>;
  /** Forgets claims that expired before this time, of links that were mailed or of all others; answers how many. */
  forgetExpired(before: Instant, which: 'links' | 'others'): Promise<number>;
}
