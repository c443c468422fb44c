import { addSeconds } from '@coucou/domain/kernel/time';
import { job } from '../kernel/job.ts';
import { Clock } from '../ports/clock.ts';
import { unitOfWork } from '../ports/unit-of-work.ts';
import { Claims, Sessions } from './repositories.ts';

const DAY_SECONDS = 86_400;
/** Longer than the clocks of nodes differ: a secret must not be good again on a node whose clock is behind. */
const CLAIMS_KEPT_SECONDS = DAY_SECONDS;
/** Long enough to look into what happened. A session says where somebody was, and with what. */
const EXPIRED_KEPT_SECONDS = 30 * DAY_SECONDS;
const REVOKED_KEPT_SECONDS = 90 * DAY_SECONDS;

/**
 * Forgets sessions whose refresh tokens expired long ago, whether or not they had ended before, and the use of secrets that have expired by
 * themselves: proofs, codes and challenges, of which there may be many.
 */
export const forgetExpired = job({
  name: 'auth.forgetExpired',
  everyMs: 3_600_000,
  deps: { uow: unitOfWork({ claims: Claims, sessions: Sessions }), clock: Clock },
  async run({ uow, clock }, stopping) {
    const ago = (seconds: number) => addSeconds(clock.now(), -seconds);
    const forgotten = { claims: 0, sessions: 0 };
    for (const account of await uow.system('accounts', (tx) => tx.listAccounts())) {
      if (stopping.aborted) break;
      forgotten.claims += await uow.write(account, (tx) => tx.claims.forgetExpired(ago(CLAIMS_KEPT_SECONDS), 'others'));
      forgotten.sessions += await uow.write(account, (tx) => tx.sessions.forgetExpired(ago(EXPIRED_KEPT_SECONDS)));
    }
    return forgotten;
  },
});

/** Forgets the use of mailed links, magic links among them, once they have expired by themselves. */
export const forgetLinks = job({
  name: 'auth.forgetLinks',
  cron: '0 2 * * *',
  deps: { uow: unitOfWork({ claims: Claims }), clock: Clock },
  async run({ uow, clock }, stopping) {
    let links = 0;
    for (const account of await uow.system('accounts', (tx) => tx.listAccounts())) {
      if (stopping.aborted) break;
      links += await uow.write(account, (tx) => tx.claims.forgetExpired(addSeconds(clock.now(), -CLAIMS_KEPT_SECONDS), 'links'));
    }
    return { links };
  },
});

/** Forgets sessions that were ended long ago, where their tokens live so long that they have not expired yet. */
export const forgetRevoked = job({
  name: 'auth.forgetRevoked',
  cron: '0 3 * * *',
  deps: { uow: unitOfWork({ sessions: Sessions }), clock: Clock },
  async run({ uow, clock }, stopping) {
    let sessions = 0;
    for (const account of await uow.system('accounts', (tx) => tx.listAccounts())) {
      if (stopping.aborted) break;
      sessions += await uow.write(account, (tx) => tx.sessions.forgetRevoked(addSeconds(clock.now(), -REVOKED_KEPT_SECONDS)));
    }
    return { sessions };
  },
});
