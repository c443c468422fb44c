import { token } from '../kernel/token.ts';

export interface PasswordHasher {
  /**
   * Hashing is slow on purpose, so few run at a time and the others wait. `from` is the address of the caller: addresses take turns, so
   * that many attempts from one delay no other. Throws `OVERLOADED` when too many wait already.
   */
  hash(password: string, from: string): Promise<string>;
  /**
   * Without a hash it takes as long as with one and answers false, so that timing does not reveal whether a user exists.
   */
  verify(password: string, hash: string | undefined, from: string): Promise<boolean>;
  /**
   * Throws `OVERLOADED` where a call from this address would find no room now. Asked before the database is: during a flood most are refused,
   * and what that costs is what messages wait for.
   */
  requireRoom(from: string): void;
  /** Whether the hash was made with weaker parameters than today's. */
  needsRehash(hash: string): boolean;
}
export const PasswordHasher = token<PasswordHasher>('PasswordHasher');
