import { ChatError, errors } from '@coucou/domain/kernel/errors';
import { User } from '@coucou/domain/users/user';
import type { Call } from '../kernel/call.ts';
import { networkOf } from '../kernel/network-of.ts';
import type { Ports } from '../kernel/token.ts';
import { RateLimiter } from '../ports/rate-limiter.ts';
import { SignInLimits } from './sign-in-limits.ts';

export const mailLimitPorts = { limiter: RateLimiter, limits: SignInLimits };

/**
 * Whether a mail may be sent, by the limits of sign-ins. Throws `RATE_LIMITED` where one network asks for too many. Too many of one kind to
 * one address are not sent, and answered like any other: a stranger who asks for them learns nothing and keeps nobody out, since the mailbox
 * then holds so many links that are good.
 */
export async function mayMail(
  { limiter, limits }: Ports<typeof mailLimitPorts>,
  { account, client }: Call,
  kind: string,
  email: string,
): Promise<boolean> {
  const take = async (name: string, key: string) => {
    for (const [at, window] of limits.guesses.entries()) await limiter.take({ name: `${name}-${at}`, ...window }, `${account}:${key}`);
  };
  await take('mail-network', networkOf(client.ip));
  try {
    await take(`mail-${kind}`, User.emailKey(email));
    return true;
  } catch (error) {
    if (error instanceof ChatError && error.code === errors.RATE_LIMITED.code) return false;
    throw error;
  }
}
