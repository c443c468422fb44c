import { limits } from '@coucou/domain/kernel/limits';
import { addSeconds } from '@coucou/domain/kernel/time';
import { job } from '../kernel/job.ts';
import type { Ports } from '../kernel/token.ts';
import { Clock } from '../ports/clock.ts';
import type { Stopping } from '../ports/schedules.ts';
import { unitOfWork } from '../ports/unit-of-work.ts';
import { Feeds } from './repositories.ts';

const deps = { uow: unitOfWork({ feeds: Feeds }), clock: Clock };

const BATCH = 1_000;

/** Removes expired feed entries; answers how many. May run on several nodes at once and be interrupted at any point. */
export async function trimFeeds({ uow, clock }: Ports<typeof deps>, stopping: Stopping): Promise<number> {
  const before = addSeconds(clock.now(), -limits.feedSeconds);
  let trimmed = 0;
  for (const account of await uow.system('accounts', (tx) => tx.listAccounts())) {
    for (let last = BATCH; last === BATCH && !stopping.aborted; trimmed += last)
      last = await uow.write(account, (tx) => tx.feeds.trim(before, BATCH));
  }
  return trimmed;
}

export const trimFeedsHourly = job({
  name: 'users.trimFeeds',
  everyMs: 3_600_000,
  deps,
  run: async (ports, stopping) => ({ trimmed: await trimFeeds(ports, stopping) }),
});
