import type { OwnAccount } from '@coucou/domain/accounts/account-repository';
import { checkPassword, type PasswordOwner, type PasswordRules } from '@coucou/domain/auth/password-policy';
import type { RefusedPasswords } from '../ports/refused-passwords.ts';

export type PasswordUse = Readonly<{
  account: Pick<OwnAccount, 'name' | 'settings'>;
  owner: PasswordOwner;
  hasSecondFactor: boolean;
}>;

/** The rules for somebody's password in this account. */
export const passwordRules = (refused: RefusedPasswords, { account, owner, hasSecondFactor }: PasswordUse): PasswordRules => ({
  policy: account.settings.passwordPolicy,
  hasSecondFactor,
  owner,
  serviceWords: [...refused.serviceWords, account.name, hostOf(account.settings.appUrl)],
  common: refused.common,
});

/** Every way to set a password comes through here. Throws `PASSWORD_TOO_WEAK` with the reason. */
export const requirePassword = (refused: RefusedPasswords, password: string, use: PasswordUse): void =>
  checkPassword(password, passwordRules(refused, use));

const hostOf = (url: string | undefined): string => /^\w+:\/\/([^/:]+)/.exec(url ?? '')?.[1] ?? '';
