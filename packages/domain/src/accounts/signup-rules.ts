import { defineErrors } from '../kernel/errors.ts';
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
