import type { AccountId, Instant } from '@coucou/domain/kernel/ids';
import { token } from '../kernel/token.ts';

/** The call that a proof is for. `path`: below the server's public address, without the query. */
export type ProofTarget = Readonly<{ method: string; path: string; accessToken?: string }>;

/** A proof that holds. `id`: of this proof under this key. It may be used once, until it expires. */
export type Proof = Readonly<{ thumbprint: string; id: string; noncedAt: Instant; expiresAt: Instant }>;

/** Proofs that the caller holds a private key (DPoP, RFC 9449). Whether one was used before is for others to say. */
export interface Proofs {
  /** Throws `DPOP_PROOF_INVALID`, and `DPOP_NONCE_REQUIRED` when nothing else is wrong. */
  verify(proof: string, target: ProofTarget): Promise<Proof>;
  /** Good for a few minutes on every node, for any key. */
  nonce(): string;
}
export const Proofs = token<Proofs>('Proofs');

/** Which proofs came with calls already, on any node. Those that open or renew a session are claimed in its transaction instead. */
export interface UsedProofs {
  /**
   * `first` for exactly one of all calls with this proof. `forgotten`: it cannot be told any more, or not yet; a proof with a nonce from now on
   * can be.
   */
  use(account: AccountId, proof: Proof): Promise<'first' | 'again' | 'forgotten'>;
}
export const UsedProofs = token<UsedProofs>('UsedProofs');
