/**
 * Whether a sign-in may return to this address: to an entry of the list itself, or below an entry that ends with a slash. All are as URL
 * parsers write them, so that one place has one spelling. The query is the client's own.
 */
export function mayReturnTo(address: string, allowed: readonly string[]): boolean {
  const [place = ''] = address.split(/[?#]/, 1);
  return allowed.some((entry) => place === entry || (entry.endsWith('/') && place.startsWith(entry)));
}

/** A page of the machine that the browser runs on. */
export const isOnThisMachine = (address: string): boolean => /^http:\/\/(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?\//.test(address);

/** The address with a parameter more in its query. */
export const withParameter = (address: string, name: string, value: string): string =>
  `${address}${address.includes('?') ? '&' : '?'}${name}=${encodeURIComponent(value)}`;
