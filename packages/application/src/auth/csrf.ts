import { errors } from '@coucou/domain/kernel/errors';
import { publicUseCase } from '../kernel/use-case.ts';
import { CsrfTokens } from '../ports/csrf-tokens.ts';
import { RefreshTokens } from '../ports/tokens.ts';

/** Asks no database: a token for a session that has ended protects nothing and opens nothing. */
export const csrf = publicUseCase({
  name: 'auth.csrf',
  deps: { refreshTokens: RefreshTokens, tokens: CsrfTokens },
  async run({ refreshTokens, tokens }, _input: Readonly<Record<never, never>>, { refreshCookie }) {
    const session = refreshCookie === undefined ? undefined : refreshTokens.open(refreshCookie);
    if (session === undefined) throw errors.UNAUTHENTICATED({ reason: 'there is no cookie of a session' });
    return { token: tokens.seal(session) };
  },
});
