import { defineErrors } from '../kernel/errors.ts';
import type { AccountId, Id, Instant, UserId } from '../kernel/ids.ts';

export const identityErrors = defineErrors('', {
  OAUTH_PROVIDER_UNKNOWN: ['not_found', 'This server has no such identity provider.'],
  OAUTH_STATE_INVALID: ['unauthenticated', 'This sign-in was not begun in this browser, or too long ago; begin it again.'],
  OAUTH_FAILED: ['unauthenticated', 'The identity provider did not confirm who you are; begin again.'],
  OAUTH_CODE_INVALID: ['unauthenticated', 'This code was used, has expired, or belongs to another browser; begin the sign-in again.'],
  OAUTH_EMAIL_UNVERIFIED: ['forbidden', 'Verify your e-mail address with the identity provider, then sign in again.'],
  RETURN_TO_REFUSED: ['invalid', 'This is not on the list of addresses that a sign-in may return to.'],
  IDENTITY_NOT_FOUND: ['not_found', 'There is no such identity.'],
  IDENTITY_TAKEN: ['conflict', 'This identity belongs to another user here.'],
  LAST_WAY_IN: ['conflict', 'This is the only way to sign in; add another one first.'],
});

export type IdentityId = Id<'identity'>;

/** What somebody signs in with at an issuer. The pair of issuer and subject is one person's in an account. */
export type Identity = Readonly<{
  accountId: AccountId;
  id: IdentityId;
  userId: UserId;
  issuer: string;
  subject: string;
  /** What the issuer said last; for the person to recognise it by. */
  email: string | undefined;
  createdAt: Instant;
  lastUsedAt: Instant;
}>;
