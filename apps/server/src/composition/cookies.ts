import { CsrfTokens } from '@coucou/application/ports/csrf-tokens';
import { RefreshTokens } from '@coucou/application/ports/tokens';
import type { HttpServerOptions } from '@coucou/http/server';
import type { Config } from '../config.ts';
import type { Container } from './container.ts';

/** What cookies of sessions take; they are for HTTPS alone where it can be told that clients use it. */
export const cookiesOf = ({ mode, publicUrl }: Pick<Config, 'mode' | 'publicUrl'>, container: Container): HttpServerOptions['cookies'] => ({
  secure: mode === 'production' || publicUrl?.startsWith('https:') === true,
  refreshTokens: container.resolve(RefreshTokens),
  csrfTokens: container.resolve(CsrfTokens),
});
