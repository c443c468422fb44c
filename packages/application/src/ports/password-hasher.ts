import { token } from '../kernel/token.ts';

export interface PasswordHasher {
  hash(password: string): Promise<string>;
  /**
   * Without a hash it takes as long as with one and answers false, so that timing does not reveal whether a user exists.
   * Throws `OVERLOADED` when too many wait already.
   */
  verify(password: string, hash: string | undefined): Promise<boolean>;
  /** Whether the hash was made with weaker parameters than today's. */
  needsRehash(hash: string): boolean;
}
export const PasswordHasher = token<PasswordHasher>('PasswordHasher');
