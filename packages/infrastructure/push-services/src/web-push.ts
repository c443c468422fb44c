import { createECDH } from 'node:crypto';
import type { OutboundCalls } from '@coucou/application/ports/outbound-calls';
import type { PushOutcome } from '@coucou/application/ports/push-services';
import { MOST_ANSWERED, type Service, TIMEOUT_MS } from './service.ts';
import { CURVE, vapidPublicKey } from './vapid.ts';

export type VapidOptions = Readonly<{
  /** The private key on P-256, 32 bytes in URL-safe base64. */
  privateKey: string;
  /** How services reach the operator: a `mailto:` or `https:` URI. */
  subject: string;
}>;

const AUTH_BYTES = 16;

/** Whether it is an uncompressed point of the curve: with any other nothing can be encrypted. */
function isPublicKey(key: string): boolean {
  const bytes = Buffer.from(key, 'base64url');
  if (bytes.length !== 65 || bytes[0] !== 4) return false;
  const own = createECDH(CURVE);
  own.generateKeys();
  try {
    return own.computeSecret(bytes).length > 0;
  } catch {
    return false;
  }
}

/** There is no such subscription any more (RFC 8030, 7.3). */
const GONE = new Set([404, 410]);

/** What is under way again in a moment, as services say it. */
const isPassing = (status: number): boolean => status === 408 || status === 425 || status === 429 || status >= 500;

/**
 * Web Push (RFC 8030), encrypted (RFC 8291) and signed (RFC 8292); UnifiedPush speaks it too. Whoever subscribes names the address, so that it is called
 * through the guard alone.
 */
export function createWebPush({ privateKey, subject }: VapidOptions, calls: OutboundCalls): Service<'web'> {
  const vapidDetails = { subject, privateKey, publicKey: vapidPublicKey(privateKey) };
  return {
    accepts: ({ endpoint, p256dh, auth }) =>
      calls.accepts(endpoint) && isPublicKey(p256dh) && Buffer.from(auth, 'base64url').length === AUTH_BYTES,
    async send({ endpoint, p256dh, auth }, { data, title, text, badge, collapseKey, urgency, ttlSeconds }): Promise<PushOutcome> {
      // Loaded with the first push: most servers start without one.
      const { default: webPush } = await import('web-push');
      const { headers, body } = webPush.generateRequestDetails(
        { endpoint, keys: { p256dh, auth } },
        JSON.stringify({ ...data, title, text, badge }),
        { vapidDetails, TTL: Math.floor(ttlSeconds), urgency, topic: collapseKey, contentEncoding: 'aes128gcm' },
      );
      const answer = await calls.post({
        url: endpoint,
        headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
        body: body ?? '',
        timeoutMs: TIMEOUT_MS,
        maxBytes: MOST_ANSWERED,
      });
      if (typeof answer === 'string')
        return answer === 'unreachable' || answer === 'timeout' ? { is: 'later', retryAfter: undefined } : { is: 'refused' };
      if (answer.status >= 200 && answer.status < 300) return { is: 'taken' };
      if (GONE.has(answer.status)) return { is: 'gone' };
      return isPassing(answer.status) ? { is: 'later', retryAfter: answer.header('retry-after') } : { is: 'refused' };
    },
    close() {},
  };
}
