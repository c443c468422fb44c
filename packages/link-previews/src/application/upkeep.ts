import { job } from '@coucou/application/kernel/job';
import { Clock } from '@coucou/application/ports/clock';
import { unitOfWork } from '@coucou/application/ports/unit-of-work';
import { addSeconds } from '@coucou/domain/kernel/time';
import { LinkPreviewRepository } from './link-preview-repository.ts';
import { KNOWN_SECONDS } from './preview-links.ts';

/** In one transaction. */
const BATCH = 500;

/** Forgets pages that would be read again anyway. */
export const forgetPages = job({
  name: 'linkPreviews.upkeep',
  everyMs: 3_600_000,
  deps: { uow: unitOfWork({ previews: LinkPreviewRepository }), clock: Clock },
  async run({ uow, clock }, stopping) {
    const before = addSeconds(clock.now(), -KNOWN_SECONDS);
    let trimmed = 0;
    for (const account of await uow.system('accounts', (tx) => tx.listAccounts()))
      for (let last = BATCH; last >= BATCH && !stopping.aborted; trimmed += last)
        last = await uow.write(account, (tx) => tx.previews.trim(before, BATCH));
    return { trimmed };
  },
});
