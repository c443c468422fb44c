import { createHmac, randomInt } from 'node:crypto';
import type { RecoveryCodes } from '@coucou/application/ports/second-factors';

/** Crockford's base32: no letters that look like digits, or like each other. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const CHARACTERS = 24;
const LIKENESS: Readonly<Record<string, string>> = { o: '0', i: '1', l: '1' };

/** What was typed, in the form that is hashed. */
const plain = (code: string): string =>
  code
    .toLowerCase()
    .replaceAll(/[^a-z0-9]/g, '')
    .replaceAll(/[oil]/g, (letter) => LIKENESS[letter] ?? letter);

export const createRecoveryCodes = (secret: string): RecoveryCodes => ({
  generate: (count) =>
    Array.from({ length: count }, () => {
      const code = Array.from({ length: CHARACTERS }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
      return code.replaceAll(/.{4}(?=.)/g, '$&-');
    }),
  hash: ({ account, userId }, code) =>
    createHmac('sha256', secret)
      .update(`recovery-code:${account}:${userId}:${plain(code)}`)
      .digest('hex'),
});
