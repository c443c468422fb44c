import { passwordFault, type PasswordFault, wordsOfAddress } from '@coucou/domain/auth/password-policy';
import type { PasswordStrength } from '@coucou/domain/auth/password-strength';
import { OwnAccounts } from '../accounts/repositories.ts';
import { networkOf } from '../kernel/network-of.ts';
import { publicUseCase } from '../kernel/use-case.ts';
import { type RateLimit, RateLimiter } from '../ports/rate-limiter.ts';
import { RefusedPasswords } from '../ports/refused-passwords.ts';
import { StrengthEstimator } from '../ports/strength-estimator.ts';
import { unitOfWork } from '../ports/unit-of-work.ts';
import { passwordRules } from './require-password.ts';

/** Hints to one network, in one account: a form asks again and again while somebody types. */
const HINTS: RateLimit = { name: 'password-hints', limit: 60, windowSeconds: 60 };

export type Candidate = Readonly<{
  password: string;
  username?: string | undefined;
  email?: string | undefined;
  displayName?: string | undefined;
  secondFactor?: boolean | undefined;
}>;

export type PasswordHint = PasswordStrength & Readonly<{ fault: PasswordFault | undefined }>;

/** What a form shows beside a password before it is sent: how hard it is to guess, and whether it would be taken. Keeps nothing. */
export const passwordHint = publicUseCase({
  name: 'auth.passwordHint',
  deps: {
    uow: unitOfWork({ accounts: OwnAccounts }),
    refused: RefusedPasswords,
    estimator: StrengthEstimator,
    limiter: RateLimiter,
  },
  async run({ uow, refused, estimator, limiter }, { password, secondFactor = false, ...about }: Candidate, call): Promise<PasswordHint> {
    const { ip } = call.client;
    await limiter.take(HINTS, `${call.account}:${networkOf(ip)}`);
    const account = await uow.read(call.account, (tx) => tx.accounts.own());
    const { username = '', email = '', displayName = '' } = about;
    const rules = passwordRules(refused, { account, owner: { username, email, displayName }, hasSecondFactor: secondFactor });
    const words = [username, displayName, ...wordsOfAddress(email), ...rules.serviceWords].filter((word) => word !== '');
    return { ...(await estimator.estimate(password, words, ip)), fault: passwordFault(password, rules) };
  },
});
