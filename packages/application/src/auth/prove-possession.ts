import { authActions } from '@coucou/domain/auth/audit-actions';
import { boundSessionErrors } from '@coucou/domain/auth/bound-session';
import { ChatError, errors } from '@coucou/domain/kernel/errors';
import { AuditLog } from '../audit/audit-log.ts';
import { auditPorts, recordAudit } from '../audit/record-audit.ts';
import type { Ports } from '../kernel/token.ts';
import { Proofs, UsedProofs } from '../ports/proofs.ts';
import type { AccessClaims, Presentation } from '../ports/tokens.ts';
import { type UnitOfWork, unitOfWork } from '../ports/unit-of-work.ts';
import { RefusedProofs } from './refused-proofs.ts';

const repositories = { auditLog: AuditLog };

export const possessionPorts = {
  uow: unitOfWork(repositories),
  proofs: Proofs,
  usedProofs: UsedProofs,
  refused: RefusedProofs,
  ...auditPorts,
};
type PossessionPorts = Readonly<{ uow: UnitOfWork<Ports<typeof repositories>> }> & Omit<Ports<typeof possessionPorts>, 'uow'>;

/** Throws unless the token may be used as it came. */
export type ProvePossession = (claims: AccessClaims, token: string, presentation: Presentation | undefined) => Promise<void>;

/** Says nothing of a thief: clients that do not have a nonce yet, or whose connection repeats a request. */
const ordinary: ReadonlySet<string> = new Set([boundSessionErrors.NONCE_REQUIRED.code]);

/**
 * A token that is bound to a key comes with a proof made with this key for this one call, and under no other scheme (RFC 9449, 7). A token
 * that is bound to none costs nothing here.
 */
export function createProvePossession({ uow, proofs, usedProofs, refused, ...ports }: PossessionPorts): ProvePossession {
  /** Best effort: the call is refused in any case. */
  async function record({ account, actor: { userId, sessionId } }: AccessClaims, { client }: Presentation, code: string): Promise<void> {
    if (ordinary.has(code) || !refused.isNews(sessionId, 'access', code)) return;
    const refusal = { target: userId, sessionId, details: { code, token: 'access' } };
    await uow.write(account, (tx) => recordAudit(ports, tx, { account, client }, authActions.dpop_refused, refusal)).catch(() => {});
  }

  async function prove(claims: AccessClaims, accessToken: string, presentation: Presentation): Promise<void> {
    const { scheme, proof: given, method, path } = presentation;
    if (given === undefined || scheme === 'bearer') throw boundSessionErrors.PROOF_REQUIRED({ nonce: proofs.nonce() });
    const proof = await proofs.verify(given, { method, path, accessToken });
    if (proof.thumbprint !== claims.thumbprint) throw boundSessionErrors.KEY_MISMATCH();
    const use = await usedProofs.use(claims.account, proof);
    if (use === 'again') throw boundSessionErrors.PROOF_REUSED();
    if (use === 'forgotten') throw boundSessionErrors.NONCE_REQUIRED({ nonce: proofs.nonce() });
  }

  return async (claims, token, presentation) => {
    if (claims.thumbprint === undefined) {
      if (presentation?.scheme === 'dpop') throw errors.UNAUTHENTICATED({ reason: 'this token is bound to no key; send it as Bearer' });
      return;
    }
    // The token was verified outside a call, so there is no proof to check.
    if (presentation === undefined) throw boundSessionErrors.PROOF_REQUIRED();
    try {
      await prove(claims, token, presentation);
    } catch (error) {
      if (error instanceof ChatError && error.kind === 'unauthenticated') await record(claims, presentation, error.code);
      throw error;
    }
  };
}
