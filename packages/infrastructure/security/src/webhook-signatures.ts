import { createHash, createHmac, randomBytes } from 'node:crypto';
import type { SignatureOwner, WebhookSignatures } from '@coucou/application/ports/webhook-signatures';
import { createSealers } from './sealer.ts';

const PREFIX = 'whsec_';
const SECRET_BYTES = 32;

export function createWebhookSignatures(secret: string): WebhookSignatures {
  const sealers = createSealers(secret);
  const sealerOf = ({ account, webhookId }: SignatureOwner) => sealers(`webhook:${account}:${webhookId}`);
  return {
    create(owner) {
      const own = PREFIX + randomBytes(SECRET_BYTES).toString('base64');
      return { secret: own, sealedSecret: sealerOf(owner).seal(own) };
    },
    sign(owner, sealedSecrets, { id, at, body }) {
      const timestamp = String(Math.floor(at.getTime() / 1_000));
      const signatures = sealedSecrets.map((sealed) => {
        const key = Buffer.from(sealerOf(owner).open(sealed).slice(PREFIX.length), 'base64');
        return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
      });
      return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures.join(' ') };
    },
    digest: (body) => ({ bytes: Buffer.byteLength(body), digest: createHash('sha256').update(body).digest('hex') }),
  };
}
