import { createECDH } from 'node:crypto';

export const CURVE = 'prime256v1';

/** The public key that belongs to a private one, uncompressed, URL-safe base64. Throws for what is no key. */
export function vapidPublicKey(privateKey: string): string {
  const ecdh = createECDH(CURVE);
  ecdh.setPrivateKey(Buffer.from(privateKey, 'base64url'));
  return ecdh.getPublicKey('base64url');
}
