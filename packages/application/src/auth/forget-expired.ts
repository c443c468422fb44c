import { addSeconds } from '@coucou/domain/kernel/time';
import { job } from '../kernel/job.ts';
import { Clock } from '../ports/clock.ts';
import { unitOfWork } from '../ports/unit-of-work.ts';
import { Claims, Sessions } from './repositories.ts';

/** Longer than the clocks of nodes differ: a secret must not be good again on a node whose clock is behind. */
const CLAIMS_KEPT_SECONDS = 86_400;
/** Long enough to look into what happened. A session says where somebody was, and with what. */
const SESSIONS_KEPT_SECONDS = 30 * 86_400;

/** Forgets the use of secrets that have expired by themselves, and sessions that expired long ago, whether or not they had ended before. */
export const forgetExpired = job({
  name: 'auth.forgetExpired',
  everyMs: 3_600_000,
  deps: { uow: unitOfWork({ claims: Claims, sessions: Sessions }), clock: Clock },
  async run({ uow, clock }, stopping) {
    const ago = (seconds: number) => addSeconds(clock.now(), -seconds);
    const forgotten = { claims: 0, sessions: 0 };
    for (const account of await uow.system('accounts', (tx) => tx.listAccounts())) {
      if (stopping.aborted) break;
      forgotten.claims += await uow.write(account, (tx) => tx.claims.forgetExpired(ago(CLAIMS_KEPT_SECONDS)));
      forgotten.sessions += await uow.write(account, (tx) => tx.sessions.forgetExpired(ago(SESSIONS_KEPT_SECONDS)));
    }
    return forgotten;
  },
});
