import { createCipheriv, createDecipheriv, createHmac, createSecretKey, randomBytes } from 'node:crypto';

/** AES-256-GCM under one key: for secrets in the database and for cursors at the clients. */
export type Sealer = Readonly<{ seal(plain: string): string; open(sealed: string): string }>;

/**
 * Sealers by purpose, each with a key of its own, derived from the server's secret (HKDF-SHA-256, RFC 5869, empty salt). The extract step
 * runs once and each key is one HMAC, since cursors derive one for every page.
 */
export function createSealers(secret: string): (purpose: string) => Sealer {
  const extracted = createSecretKey(createHmac('sha256', '').update(secret).digest());
  // The first block of the expand step is as long as the key.
  return (purpose) => sealerOf(createHmac('sha256', extracted).update(`coucou:${purpose}\u0001`).digest());
}

/** Length of the authentication tag; must be set, since shorter, forgeable tags would be accepted otherwise. */
const TAG = 16;

function sealerOf(key: Buffer): Sealer {
  return {
    seal(plain) {
      const iv = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', key, iv);
      const body = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
      return Buffer.concat([iv, cipher.getAuthTag(), body]).toString('base64url');
    },
    open(sealed) {
      const bytes = Buffer.from(sealed, 'base64url');
      // Decoding ignores characters outside the alphabet, so one sealed text would have many spellings.
      if (bytes.toString('base64url') !== sealed) throw new Error('not base64url as it was sealed');
      const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12), { authTagLength: TAG });
      decipher.setAuthTag(bytes.subarray(12, 12 + TAG));
      return Buffer.concat([decipher.update(bytes.subarray(12 + TAG)), decipher.final()]).toString('utf8');
    },
  };
}
