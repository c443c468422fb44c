import type { ClaimPurpose } from '@coucou/domain/auth/claim-repository';
import type { Instant } from '@coucou/domain/kernel/ids';
import { token } from '../kernel/token.ts';

/** `known-device` and `unsubscribe` may be used again: the one opens nothing, and the other has no second effect. */
export type SealedPurpose = ClaimPurpose | 'known-device' | 'unsubscribe';

/** `id`: unique to this text; what is claimed when it is used (`ClaimRepository`). */
export type Unsealed<Content> = Readonly<{ id: string; content: Content; expiresAt: Instant }>;

/**
 * Secrets that carry what they are for, encrypted and authenticated under the server's secret: links in mails, states and challenges. Nothing
 * is kept when one is issued, and any node reads it. The consumer checks that it still applies, and claims its `id`.
 */
export interface SealedTokens {
  /** URL-safe. `content` is plain JSON; sealing the same twice answers two different texts. */
  seal(purpose: SealedPurpose, content: object, expiresAt: Instant): string;
  /** Undefined for what was not sealed here for this purpose, was changed, or has expired at `now`. */
  open<Content>(purpose: SealedPurpose, text: string, now: Instant): Unsealed<Content> | undefined;
}
export const SealedTokens = token<SealedTokens>('SealedTokens');
