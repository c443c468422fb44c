import { addSeconds } from '@coucou/domain/kernel/time';
import { job } from '../kernel/job.ts';
import { Clock } from '../ports/clock.ts';
import { unitOfWork } from '../ports/unit-of-work.ts';
import { Claims } from './repositories.ts';

/** Longer than the clocks of nodes differ: a secret must not be good again on a node whose clock is behind. */
const KEPT_SECONDS = 86_400;

/** Forgets the use of secrets that have expired by themselves. */
export const forgetClaims = job({
  name: 'auth.forgetClaims',
  everyMs: 3_600_000,
  deps: { uow: unitOfWork({ claims: Claims }), clock: Clock },
  async run({ uow, clock }, stopping) {
    const before = addSeconds(clock.now(), -KEPT_SECONDS);
    let forgotten = 0;
    for (const account of await uow.system('accounts', (tx) => tx.listAccounts())) {
      if (stopping.aborted) break;
      forgotten += await uow.write(account, (tx) => tx.claims.forgetExpired(before));
    }
    return { forgotten };
  },
});
