import { boundSessionErrors } from '@coucou/domain/auth/bound-session';
import type { Session } from '@coucou/domain/auth/session';
import { ChatError } from '@coucou/domain/kernel/errors';
import type { ClaimRepository } from '@coucou/domain/auth/claim-repository';
import type { Call } from '../kernel/call.ts';
import type { Proofs } from '../ports/proofs.ts';

/**
 * The key whose holder calls, for what opens or renews a session. The proof is claimed in this transaction, so that it is good once on all
 * nodes, and still good when the transaction fails.
 */
export async function proveKey(
  { proofs }: Readonly<{ proofs: Proofs }>,
  { claims }: Readonly<{ claims: ClaimRepository }>,
  { proof }: Pick<Call, 'proof'>,
): Promise<string> {
  if (proof === undefined) throw boundSessionErrors.PROOF_REQUIRED({ nonce: proofs.nonce() });
  if (!(await claims.claimOnce('dpop-proof', proof.id, proof.expiresAt))) throw boundSessionErrors.PROOF_REUSED();
  return proof.thumbprint;
}

/**
 * Why the presenter of a token of this session is refused; undefined when it is bound to no key, or to theirs. Answered rather than thrown, so that
 * it can be recorded in the same transaction.
 */
export async function refusalOfProof(
  ports: Readonly<{ proofs: Proofs }>,
  tx: Readonly<{ claims: ClaimRepository }>,
  { keyThumbprint }: Session,
  call: Pick<Call, 'proof'>,
): Promise<ChatError | undefined> {
  if (keyThumbprint === undefined) return undefined;
  if (call.proof !== undefined && call.proof.thumbprint !== keyThumbprint) return boundSessionErrors.KEY_MISMATCH();
  try {
    await proveKey(ports, tx, call);
    return undefined;
  } catch (error) {
    if (error instanceof ChatError) return error;
    throw error;
  }
}
