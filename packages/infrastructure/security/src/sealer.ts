import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

/** Keeps secrets in the database, and places of lists at the clients: AES-256-GCM under a key derived from the server's secret (HKDF, RFC 5869), one key per purpose. */
export type Sealer = Readonly<{ seal(plain: string): string; open(sealed: string): string }>;

/** Length of the authentication tag; must be set, since shorter, forgeable tags would be accepted otherwise. */
const TAG = 16;

export function createSealer(secret: string, purpose: string): Sealer {
  const key = Buffer.from(hkdfSync('sha256', secret, '', `coucou:${purpose}`, 32));
  return {
    seal(plain) {
      const iv = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', key, iv);
      const body = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
      return Buffer.concat([iv, cipher.getAuthTag(), body]).toString('base64url');
    },
    open(sealed) {
      const bytes = Buffer.from(sealed, 'base64url');
      // Decoding passes over what does not belong there: one sealed text would have many spellings.
      if (bytes.toString('base64url') !== sealed) throw new Error('not base64url as it was sealed');
      const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12), { authTagLength: TAG });
      decipher.setAuthTag(bytes.subarray(12, 12 + TAG));
      return Buffer.concat([decipher.update(bytes.subarray(12 + TAG)), decipher.final()]).toString('utf8');
    },
  };
}
