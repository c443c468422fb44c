import type { ClaimRepository } from '@coucou/domain/auth/claim-repository';
import type { UsedProofs } from '../ports/proofs.ts';
import type { UnitOfWork } from '../ports/unit-of-work.ts';

/** In the database: one write per call, where several nodes share nothing else. */
export const createClaimedProofs = (uow: UnitOfWork<Readonly<{ claims: ClaimRepository }>>): UsedProofs => ({
  async use(account, { id, expiresAt }) {
    // Apart from the claims of those that open a session: one request may need both.
    const isFirst = await uow.write(account, (tx) => tx.claims.claimOnce('dpop-proof', `call ${id}`, expiresAt));
    return isFirst ? 'first' : 'again';
  },
});
