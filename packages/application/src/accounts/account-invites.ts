import { accountActions } from '@coucou/domain/accounts/audit-actions';
import type { ClaimRepository } from '@coucou/domain/auth/claim-repository';
import { inviteErrors } from '@coucou/domain/conversations/invite';
import type { AccountId, Instant } from '@coucou/domain/kernel/ids';
import { addSeconds } from '@coucou/domain/kernel/time';
import { AuditLog } from '../audit/audit-log.ts';
import { auditPorts, recordAudit } from '../audit/record-audit.ts';
import { Claims } from '../auth/repositories.ts';
import { adminUseCase } from '../kernel/use-case.ts';
import { SealedTokens, type Unsealed } from '../ports/sealed-tokens.ts';
import { unitOfWork } from '../ports/unit-of-work.ts';

/** What an invite to an account carries. It is kept nowhere; each use of it is claimed by its number. */
type Content = Readonly<{ account: AccountId; uses: number }>;
export type OpenedInvite = Unsealed<Content>;

export type CreatedInvite = Readonly<{ invite: string; uses: number; expiresAt: Instant }>;

export const createAccountInvite = adminUseCase({
  name: 'admin.createInvite',
  deps: { uow: unitOfWork({ auditLog: AuditLog }), sealed: SealedTokens, ...auditPorts },
  async run({ uow, sealed, ...ports }, { uses, expiresInSeconds }: Readonly<{ uses: number; expiresInSeconds: number }>, call) {
    const expiresAt = addSeconds(ports.clock.now(), expiresInSeconds);
    const content: Content = { account: call.account, uses };
    const invite = sealed.seal('account-invite', content, expiresAt);
    await uow.write(call.account, (tx) =>
      recordAudit(ports, tx, call, accountActions.invite_created, { details: { uses, expiresAt: expiresAt.toISOString() } }),
    );
    return { invite, uses, expiresAt } satisfies CreatedInvite;
  },
});

/** Throws `INVITE_NOT_FOUND` for what is no invite to this account, and for one that has expired. */
export function openInvite(sealed: SealedTokens, account: AccountId, invite: string | undefined, now: Instant): OpenedInvite {
  const opened = invite === undefined ? undefined : sealed.open<Content>('account-invite', invite, now);
  if (opened === undefined || opened.content.account !== account) throw inviteErrors.INVITE_NOT_FOUND();
  return opened;
}

/** Takes one use, in the transaction of what it is for. Throws `INVITE_EXHAUSTED`. */
export async function useInvite(tx: Readonly<{ claims: ClaimRepository }>, { id, content, expiresAt }: OpenedInvite): Promise<void> {
  for (let use = 0; use < content.uses; use += 1) if (await tx.claims.claimOnce('account-invite', `${id}:${use}`, expiresAt)) return;
  throw inviteErrors.INVITE_EXHAUSTED();
}

/** Takes all uses that are left. */
export const revokeAccountInvite = adminUseCase({
  name: 'admin.revokeInvite',
  deps: { uow: unitOfWork({ claims: Claims, auditLog: AuditLog }), sealed: SealedTokens, ...auditPorts },
  async run({ uow, sealed, ...ports }, { invite }: Readonly<{ invite: string }>, call) {
    const { id, content, expiresAt } = openInvite(sealed, call.account, invite, ports.clock.now());
    return uow.write(call.account, async (tx) => {
      let revoked = 0;
      for (let use = 0; use < content.uses; use += 1)
        if (await tx.claims.claimOnce('account-invite', `${id}:${use}`, expiresAt)) revoked += 1;
      await recordAudit(ports, tx, call, accountActions.invite_revoked, { details: { uses: revoked } });
      return { revoked };
    });
  },
});
