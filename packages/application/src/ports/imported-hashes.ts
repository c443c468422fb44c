import { token } from '../kernel/token.ts';

/** Hashes that other systems made of passwords. */
export interface ImportedHashes {
  /**
   * As it is kept, and verified at the next login: argon2 (PHC), bcrypt, or scrypt. Undefined for any other, and for one with parameters that
   * would make a login expensive for the server.
   */
  accept(hash: string): string | undefined;
}
export const ImportedHashes = token<ImportedHashes>('ImportedHashes');
