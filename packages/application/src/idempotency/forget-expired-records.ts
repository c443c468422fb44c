import { job } from '../kernel/job.ts';
import { unitOfWork } from '../ports/unit-of-work.ts';
import { IdempotencyRecords } from './repositories.ts';

/** In one transaction: small, so that none holds locks or the horizon for long. */
const BATCH = 500;

/** Removes what idempotency keys stood for until they expired. Nobody reads it any more: it is only in the way. */
export const forgetExpiredRecords = job({
  name: 'idempotency.forgetExpired',
  everyMs: 3_600_000,
  deps: { uow: unitOfWork({ records: IdempotencyRecords }) },
  async run({ uow }, stopping) {
    let forgotten = 0;
    for (const account of await uow.system('accounts', (tx) => tx.listAccounts()))
      for (let last = BATCH; last === BATCH && !stopping.aborted; forgotten += last)
        last = await uow.write(account, (tx) => tx.records.forgetExpired(BATCH));
    return { forgotten };
  },
});
