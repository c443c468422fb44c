import { token } from '../kernel/token.ts';
import type { RefreshTokenOf } from './tokens.ts';

/** The session that a cookie belongs to. */
export type CsrfHolder = Pick<RefreshTokenOf, 'account' | 'sessionId'>;

/**
 * Tokens against forged requests (CSRF): a page sends one back beside the cookie, which a page of another origin cannot, since it can read
 * neither. Sealed over the session, so nothing is kept, and that of one session is no good for another.
 */
export interface CsrfTokens {
  /** URL-safe; two for the same session differ, so that compressing answers tells nothing of them. */
  seal(holder: CsrfHolder): string;
  isFor(token: string, holder: CsrfHolder): boolean;
}
export const CsrfTokens = token<CsrfTokens>('CsrfTokens');
