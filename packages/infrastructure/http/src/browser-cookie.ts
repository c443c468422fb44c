import type { FastifyRequest } from 'fastify';
import { cookieValues, setCookie } from './cookies.ts';

/** The cookie that holds the secret by which a browser is known again (`Call.browser`). */
export type BrowserCookie = Readonly<{
  read(request: Pick<FastifyRequest, 'headers'>): string | undefined;
  /** A `Set-Cookie` header. */
  write(secret: string): string;
}>;

const SECONDS = 3_600;
/** 256 bits, base64url. */
const SECRET = /^[\w-]{43}$/;

/**
 * `secure`: the server is reached over HTTPS. The prefix binds the cookie to this host (RFC 6265bis): no neighbour under the same domain can
 * set it. Browsers refuse the prefix over plain HTTP, which is for development. `Lax`: the way back from a provider is a navigation from
 * another site.
 */
export function createBrowserCookie(secure: boolean): BrowserCookie {
  const name = `${secure ? '__Host-' : ''}coucou-browser`;
  return {
    read: ({ headers }) => cookieValues(headers.cookie, name).find((value) => SECRET.test(value)),
    write: (value) => setCookie({ name, value, maxAge: SECONDS, secure, sameSite: 'lax' }),
  };
}
