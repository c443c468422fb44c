import type { UserCall } from '@coucou/application/kernel/call';
import { networkOf } from '@coucou/application/kernel/network-of';
import { useCase } from '@coucou/application/kernel/use-case';
import { type RateLimit, RateLimiter } from '@coucou/application/ports/rate-limiter';
import { unitOfWork } from '@coucou/application/ports/unit-of-work';
import type { CorporateNumber, E164 } from '../domain/corporate-number.ts';
import { corporateNumberLimits } from '../domain/limits.ts';
import { CorporateNumbers } from './corporate-number-repository.ts';
import { NumberingPlans } from './numbering-plans.ts';

const { perPerson, perNetwork, windowSeconds } = corporateNumberLimits.checks;
const PER_PERSON: RateLimit = { name: 'number-check-person', limit: perPerson, windowSeconds };
const PER_NETWORK: RateLimit = { name: 'number-check-network', limit: perNetwork, windowSeconds };

/**
 * Counts every look-up, also one that finds something: the numbers of a company lie side by side, so that who tries out a range mostly finds.
 * By network too, since one may come back as another guest.
 */
async function limitChecks(limiter: RateLimiter, { account, actor, client }: UserCall): Promise<void> {
  await limiter.take(PER_PERSON, `${account}:${actor.userId}`);
  await limiter.take(PER_NETWORK, `${account}:${networkOf(client.ip)}`);
}

export type CheckedNumber = Readonly<{ number: E164; found: CorporateNumber | undefined }>;

/** Whether a number is in the directory of the caller's own account. Nothing here knows of another's. */
export const checkCorporateNumber = useCase({
  name: 'corporateNumbers.check',
  deps: { uow: unitOfWork({ numbers: CorporateNumbers }), plans: NumberingPlans, limiter: RateLimiter },
  async run(
    { uow, plans, limiter },
    { number: written, country }: Readonly<{ number: string; country?: string | undefined }>,
    call,
  ): Promise<CheckedNumber> {
    const number = plans.read(written, country);
    await limitChecks(limiter, call);
    const [found] = await uow.read(call.account, (tx) => tx.numbers.lookupMany([number]));
    return { number, found };
  },
});
