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
export async function mayMail(ports: Ports<typeof mailLimitPorts>, call: Call, kind: string, email: string): Promise<boolean> {
  await take(ports, call, 'mail-network', networkOf(call.client.ip));
  try {
    await take(ports, call, `mail-${kind}`, User.emailKey(email));
    return true;
  } catch (error) {
    if (error instanceof ChatError && error.code === errors.RATE_LIMITED.code) return false;
    throw error;
  }
}

/** The same for a mail to oneself: throws `RATE_LIMITED` for too many to the address as well. */
export async function countMail(ports: Ports<typeof mailLimitPorts>, call: Call, kind: string, email: string): Promise<void> {
  await take(ports, call, 'mail-network', networkOf(call.client.ip));
  await take(ports, call, `mail-${kind}`, User.emailKey(email));
}

async function take({ limiter, limits }: Ports<typeof mailLimitPorts>, { account }: Call, name: string, key: string): Promise<void> {
  for (const [at, window] of limits.guesses.entries()) await limiter.take({ name: `${name}-${at}`, ...window }, `${account}:${key}`);
}
