import { token } from '../kernel/token.ts';

/** What nobody may choose as a password, since it is what is tried first. */
export type RefusedPasswords = Readonly<{
  /** Passwords that everybody knows, in lower case. */
  common: ReadonlySet<string>;
  /** What the service is called: the product, the hosts it is reached at and sends mail from. */
  serviceWords: readonly string[];
}>;
export const RefusedPasswords = token<RefusedPasswords>('RefusedPasswords');
