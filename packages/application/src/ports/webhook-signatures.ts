import type { AccountId, Instant } from '@coucou/domain/kernel/ids';
import { token } from '../kernel/token.ts';

/** Whose secret it is: it is sealed for this webhook and opens for no other. */
export type SignatureOwner = Readonly<{ account: AccountId; webhookId: string }>;

/** A request as its receiver verifies it. `id` holds no full stop. */
export type SignedRequest = Readonly<{ id: string; at: Instant; body: string }>;

/** Signatures of Standard Webhooks 1.0 (https://www.standardwebhooks.com): HMAC-SHA256 over `<id>.<timestamp>.<body>`. */
export interface WebhookSignatures {
  /** A secret to show once, `whsec_` and 32 random bytes in base64, and the same sealed under the server's secret. */
  create(owner: SignatureOwner): Readonly<{ secret: string; sealedSecret: string }>;
  /** The headers `webhook-id`, `webhook-timestamp` and `webhook-signature`, with one signature for each secret, in their order. */
  sign(owner: SignatureOwner, sealedSecrets: readonly string[], request: SignedRequest): Readonly<Record<string, string>>;
  /** Of a body: its bytes as UTF-8, and their SHA-256 in hexadecimal. */
  digest(body: string): Readonly<{ bytes: number; digest: string }>;
}
export const WebhookSignatures = token<WebhookSignatures>('WebhookSignatures');
