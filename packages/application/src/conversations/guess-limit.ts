import { ChatError } from '@coucou/domain/kernel/errors';
import { inviteErrors } from '@coucou/domain/conversations/invite';
import type { UserCall } from '../kernel/call.ts';
import { networkOf } from '../kernel/network-of.ts';
import type { RateLimit, RateLimiter } from '../ports/rate-limiter.ts';

/** Counts wrong codes only, so a right code is never limited. The limit per address is higher, since users share addresses. */
const PER_USER: RateLimit = { name: 'invite-guess-user', limit: 20, windowSeconds: 600 };
const PER_ADDRESS: RateLimit = { name: 'invite-guess-address', limit: 100, windowSeconds: 600 };

/** Taken before the look-up and given back after it, so that concurrent guesses are counted too. */
export async function limitGuesses<T>(limiter: RateLimiter, { account, actor, client }: UserCall, lookUp: () => Promise<T>): Promise<T> {
  const counts = [
    [PER_USER, `${account}:${actor.userId}`],
    [PER_ADDRESS, `${account}:${networkOf(client.ip)}`],
  ] as const;
  for (const [rule, key] of counts) await limiter.take(rule, key);
  const giveBack = () => Promise.all(counts.map(([rule, key]) => limiter.giveBack(rule, key)));
  try {
    const found = await lookUp();
    await giveBack();
    return found;
  } catch (error) {
    if (!(error instanceof ChatError && error.code === inviteErrors.INVITE_NOT_FOUND.code)) await giveBack();
    throw error;
  }
}
