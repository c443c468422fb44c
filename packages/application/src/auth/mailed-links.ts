import type { ClaimRepository } from '@coucou/domain/auth/claim-repository';
import type { LockedUser } from '@coucou/domain/auth/credential-repository';
import { type MailedLink, mailedLinks, mailErrors } from '@coucou/domain/auth/mailed-link';
import type { AccountId, UserId } from '@coucou/domain/kernel/ids';
import { type Call, requireNamedAccount } from '../kernel/call.ts';
import type { Ports } from '../kernel/token.ts';
import { Clock } from '../ports/clock.ts';
import { SealedTokens, type Unsealed } from '../ports/sealed-tokens.ts';

/** What a link in a mail carries: for whom it is, which mailbox got it, and the security version that it is good for. */
export type LinkContent = Readonly<{
  account: AccountId;
  /** Absent for a magic link to somebody who is new. */
  userId: UserId | undefined;
  email: string;
  version: number;
}>;

export type OpenedLink = Unsealed<LinkContent> & Readonly<{ link: MailedLink }>;

export const linkPorts = { sealed: SealedTokens, clock: Clock };

/**
 * Reads a token of one of these kinds; throws `LINK_INVALID` for any other text, and `FORBIDDEN` where the caller named another account
 * than the token's. Whether it still applies is asked with the person locked, and only then is it claimed.
 */
export function openLink({ sealed, clock }: Ports<typeof linkPorts>, call: Call, token: string, kinds: readonly MailedLink[]): OpenedLink {
  for (const link of kinds) {
    const opened = sealed.open<LinkContent>(mailedLinks[link].purpose, token, clock.now());
    if (opened === undefined) continue;
    requireNamedAccount(call, opened.content.account);
    return { ...opened, link };
  }
  throw mailErrors.LINK_INVALID();
}

/** Uses it up, for one of all who try. */
export async function claimLink(tx: Readonly<{ claims: ClaimRepository }>, { link, id, expiresAt }: OpenedLink): Promise<void> {
  if (!(await tx.claims.claimOnce(mailedLinks[link].purpose, id, expiresAt))) throw mailErrors.LINK_INVALID();
}

/** The person of the link, if neither password nor address has changed since it was sent; throws `LINK_INVALID`. */
export function requireCurrent({ content }: OpenedLink, found: LockedUser | undefined): LockedUser {
  if (found === undefined || found.user.id !== content.userId || found.securityVersion !== content.version) throw mailErrors.LINK_INVALID();
  return found;
}
