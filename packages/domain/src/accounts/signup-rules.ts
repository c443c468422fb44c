import type { SignInMethod } from '../auth/session.ts';
import { defineErrors } from '../kernel/errors.ts';
import type { User } from '../users/user.ts';
import type { AccountSettings } from './account-settings.ts';

export const signupErrors = defineErrors('', {
  SIGNUP_CLOSED: ['forbidden', 'Nobody can sign up here without being asked; an administrator of the account can help.'],
  EMAIL_DOMAIN_REFUSED: ['forbidden', 'People sign up here with an e-mail address of other domains than this one.'],
});

/**
 * Throws where the account does not let somebody with this address come in by themselves. A domain does not stand for those below it: each
 * has mailboxes of its own.
 */
export function requireOpenSignup({ signup, emailDomains }: AccountSettings, email: string | undefined): void {
  if (signup !== 'open') throw signupErrors.SIGNUP_CLOSED();
  if (emailDomains.length === 0) return;
  const domain = email?.slice(email.lastIndexOf('@') + 1).toLowerCase();
  if (domain === undefined || !emailDomains.includes(domain)) throw signupErrors.EMAIL_DOMAIN_REFUSED();
}

/** Another system signs these people in, and vouches for them. */
const vouchedFor: ReadonlySet<SignInMethod> = new Set(['minted', 'external']);

/** Whether the account lets this person act only once their mailbox is proven. Guests have none. */
export const awaitsProof = (
  { emailVerificationRequired }: AccountSettings,
  { emailVerified, role }: Pick<User, 'emailVerified' | 'role'>,
  method: SignInMethod,
): boolean => emailVerificationRequired && !emailVerified && role !== 'guest' && !vouchedFor.has(method);
