import { hkdfSync } from 'node:crypto';

/** A private key on P-256 for servers that were given none, the same on every node: 32 bytes in URL-safe base64. */
export const vapidKeyOf = (secret: string): string =>
  Buffer.from(hkdfSync('sha256', secret, '', 'coucou web push (vapid)', 32)).toString('base64url');
