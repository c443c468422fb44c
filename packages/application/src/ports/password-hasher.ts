import { token } from '../kernel/token.ts';

export interface PasswordHasher {
  hash(password: string): Promise<string>;
  /**
   * Without a hash it takes as long as with one and answers false, so that an unknown person cannot be told from a known one.
   * Throws `OVERLOADED` when too many wait already.
   */
  verify(password: string, hash: string | undefined): Promise<boolean>;
  /** Whether the parameters have risen since. */
  needsRehash(hash: string): boolean;
}
export const PasswordHasher = token<PasswordHasher>('PasswordHasher');
