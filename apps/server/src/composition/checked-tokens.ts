import type { ProvePossession } from '@coucou/application/auth/prove-possession';
import type { SessionChecks } from '@coucou/application/ports/session-checks';
import type { AccessTokens } from '@coucou/application/ports/tokens';
import type { MemorySessionUses } from '@coucou/runtime/session-uses';

/**
 * Verifies a token, then that its session and person may still act and that it came from the device that it is bound to, and notes the use.
 * Every transport verifies by this. The use of a thief is none.
 */
export const checkedTokens = (
  access: AccessTokens,
  checks: Pick<SessionChecks, 'check'>,
  uses: Pick<MemorySessionUses, 'note'>,
  possession: () => ProvePossession,
): AccessTokens => ({
  issue: (grant) => access.issue(grant),
  async verify(token, presentation) {
    const claims = await access.verify(token);
    checks.check(claims);
    if (claims.thumbprint !== undefined || presentation?.scheme === 'dpop') await possession()(claims, token, presentation);
    uses.note(claims);
    return claims;
  },
});
