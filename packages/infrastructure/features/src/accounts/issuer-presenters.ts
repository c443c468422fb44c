import type { CheckedIssuer } from '@coucou/application/auth/issuers';
import type { checkIssuer, ExternalIssuer as WireIssuer } from '@coucou/contracts/accounts/issuers';
import type { ExternalIssuer } from '@coucou/domain/auth/external-issuer';
import type { z } from 'zod';

type Wire = z.infer<typeof WireIssuer>;
type WireCheck = z.infer<typeof checkIssuer.output & object>;

export const presentIssuer = (issuer: ExternalIssuer): Wire => ({
  id: issuer.id,
  issuer: issuer.issuer,
  jwksUrl: issuer.jwksUrl,
  audiences: [...issuer.audiences],
  algorithms: [...issuer.algorithms],
  claims: { ...issuer.claims },
  signUp: issuer.signUp,
  maxTokenSeconds: issuer.maxTokenSeconds,
  rank: issuer.rank,
  createdAt: issuer.createdAt.toISOString(),
  updatedAt: issuer.updatedAt.toISOString(),
});

export const presentIssuers = (issuers: readonly ExternalIssuer[]): { items: Wire[] } => ({ items: issuers.map(presentIssuer) });

export const presentCheckedIssuer = ({ keys, verdict }: CheckedIssuer): WireCheck => ({
  keys: keys.map(({ kid, type, algorithm }) => ({ kid, type, algorithm })),
  verdict: verdict && presentVerdict(verdict),
});

function presentVerdict(verdict: NonNullable<CheckedIssuer['verdict']>): NonNullable<WireCheck['verdict']> {
  if ('fault' in verdict) return { accepted: false, fault: verdict.fault };
  const { subject, email, emailVerified, username, displayName, avatarUrl } = verdict.verified.identity;
  return { accepted: true, subject, email, emailVerified, username, displayName, avatarUrl };
}
