import type { AccountSettings } from '@coucou/domain/accounts/account-settings';

/** Whether anybody with this address may sign up. */
export const admits = ({ signup, emailDomains }: AccountSettings, email: string): boolean =>
  signup === 'open' && (emailDomains.length === 0 || emailDomains.includes(email.slice(email.lastIndexOf('@') + 1).toLowerCase()));
