import { job } from '../kernel/job.ts';
import { AuditChain } from '../ports/audit-chain.ts';

/** In one transaction: the chain of an account is locked for as long as it takes. */
const BATCH = 500;

/** Seals what was written since the last run. Of several nodes at once each seals something else. */
export const sealAudit = job({
  name: 'audit.seal',
  everyMs: 5_000,
  deps: { chain: AuditChain },
  async run({ chain }, stopping) {
    let sealed = 0;
    for (const account of await chain.waiting())
      for (let last = BATCH; last === BATCH && !stopping.aborted; sealed += last) last = await chain.seal(account, BATCH);
    return { sealed };
  },
});
