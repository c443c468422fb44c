import { limits } from '@coucou/domain/kernel/limits';

/** Characters of a subject (OpenID Connect Core, 2). */
const LONGEST_SUBJECT = 255;

/** Claims come from outside: their types are what the issuer makes of them. */
export const textClaim = (value: unknown, longest = 254): string | undefined =>
  typeof value === 'string' && value !== '' && value.length <= longest && value.isWellFormed() && !/\p{Cc}/u.test(value)
    ? value
    : undefined;

/** Undefined for what identifies nobody. */
export const subjectClaim = (value: unknown): string | undefined => textClaim(value, LONGEST_SUBJECT);

/** An address as sign-up takes one: in ASCII, so that none looks like another's. */
export const emailClaim = (value: unknown): string | undefined => {
  const text = textClaim(value);
  return text !== undefined && /^(?:[\w'+-]+\.)*[\w'+-]*[\w+-]@(?:[a-z\d][a-z\d-]*\.)+[a-z]{2,}$/i.test(text) ? text : undefined;
};

/** Some issuers send the word. */
export const isTrueClaim = (value: unknown): boolean => value === true || value === 'true';

/** Of a picture. */
export const urlClaim = (value: unknown): string | undefined => {
  const text = textClaim(value, limits.url);
  return text !== undefined && /^https?:\/\//i.test(text) && URL.canParse(text) ? text : undefined;
};
