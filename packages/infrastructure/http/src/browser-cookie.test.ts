import { describe, expect, it } from 'vitest';
import { createBrowserCookie } from './browser-cookie.ts';

const secret = 'a'.repeat(43);
const read = (cookie: string | undefined, secure = true) =>
  createBrowserCookie(secure).read({ headers: { ...(cookie !== undefined && { cookie }) } });

describe('the cookie of a browser', () => {
  it('is bound to the host, over HTTPS only', () => {
    expect(createBrowserCookie(true).write(secret)).toBe(
      `__Host-coucou-browser=${secret}; Max-Age=3600; Path=/; HttpOnly; Secure; SameSite=Lax`,
    );
    expect(createBrowserCookie(false).write(secret)).toBe(`coucou-browser=${secret}; Max-Age=3600; Path=/; HttpOnly; SameSite=Lax`);
  });

  it('is found among others', () => {
    expect(read(`__Host-coucou-browser=${secret}`)).toBe(secret);
    expect(read(`a=b; __Host-coucou-browser=${secret}; c=d`)).toBe(secret);
    expect(read(`coucou-browser=${secret}`, false)).toBe(secret);
  });

  it.each([
    undefined,
    '',
    `coucou-browser=${secret}`,
    `x__Host-coucou-browser=${secret}`,
    `__Host-coucou-browser=${secret}b`,
    '__Host-coucou-browser=short',
    `__Host-coucou-browser="${secret}"`,
    `a=__Host-coucou-browser=${secret}`,
  ])('is not %j', (cookie) => {
    expect(read(cookie)).toBeUndefined();
  });
});
