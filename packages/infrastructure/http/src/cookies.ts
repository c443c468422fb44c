import { parseCookie, stringifySetCookie } from 'cookie';

/** All values of this name, since a parser answers the first alone. */
export const cookieValues = (header: string | undefined, name: string): readonly string[] =>
  (header ?? '').split(';').flatMap((pair) => parseCookie(pair)[name] ?? []);

export type CookieToSet = Readonly<{
  name: string;
  value: string;
  /** In seconds from now, since the clock of a device may be wrong. */
  maxAge: number;
  secure: boolean;
  sameSite: 'strict' | 'lax';
}>;

/** A `Set-Cookie` header, for this host and out of reach of scripts. */
export const setCookie = (cookie: CookieToSet): string => stringifySetCookie({ ...cookie, path: '/', httpOnly: true });
