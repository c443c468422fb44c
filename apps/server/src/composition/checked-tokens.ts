import type { SessionChecks } from '@coucou/application/ports/session-checks';
import type { AccessTokens } from '@coucou/application/ports/tokens';
import type { MemorySessionUses } from '@coucou/runtime/session-uses';

/** Verifies a token, then that its session and person may still act, and notes the use. Every transport verifies by this. */
export const checkedTokens = (
  access: AccessTokens,
  checks: Pick<SessionChecks, 'check'>,
  uses: Pick<MemorySessionUses, 'note'>,
): AccessTokens => ({
  issue: (grant) => access.issue(grant),
  async verify(token) {
    const claims = await access.verify(token);
    checks.check(claims);
    uses.note(claims);
    return claims;
  },
});
