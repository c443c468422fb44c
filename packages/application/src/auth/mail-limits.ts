import { ChatError, errors } from '@coucou/domain/kernel/errors';
import { User } from '@coucou/domain/users/user';
import type { Call } from '../kernel/call.ts';
import { networkOf } from '../kernel/network-of.ts';
import type { RateLimit, RateLimiter } from '../ports/rate-limiter.ts';

/** Mails that one network may ask for. */
const PER_NETWORK: RateLimit = { name: 'mail-network', limit: 10, windowSeconds: 900 };

/** Mails of one kind to one address. No longer than the shortest life of a link. */
const PER_ADDRESS = { limit: 10, windowSeconds: 900 };

/**
 * Whether a mail may be sent. Throws `RATE_LIMITED` where one network asks for too many. Too many to one address are not sent, and
 * answered like any other: a stranger who asks for them learns nothing and keeps nobody out, since the mailbox then holds so many links
 * that are good.
 */
export async function mayMail(limiter: RateLimiter, { account, client }: Call, kind: string, email: string): Promise<boolean> {
  await limiter.take(PER_NETWORK, `${account}:${networkOf(client.ip)}`);
  try {
    await limiter.take({ ...PER_ADDRESS, name: `mail-${kind}` }, `${account}:${User.emailKey(email)}`);
    return true;
  } catch (error) {
    if (error instanceof ChatError && error.code === errors.RATE_LIMITED.code) return false;
    throw error;
  }
}
