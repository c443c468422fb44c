import { job } from '../kernel/job.ts';
import { Clock } from '../ports/clock.ts';
import { unitOfWork } from '../ports/unit-of-work.ts';
import { HeldNames } from './repositories.ts';

/** Lets go of names that nobody holds any more. */
export const forgetHeldNames = job({
  name: 'users.forgetHeldNames',
  everyMs: 3_600_000,
  deps: { uow: unitOfWork({ heldNames: HeldNames }), clock: Clock },
  async run({ uow, clock }, stopping) {
    let forgotten = 0;
    for (const account of await uow.system('accounts', (tx) => tx.listAccounts())) {
      if (stopping.aborted) break;
      forgotten += await uow.write(account, (tx) => tx.heldNames.forgetEnded(clock.now()));
    }
    return { forgotten };
  },
});
