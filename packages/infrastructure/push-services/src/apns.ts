import type { PushMessage, PushOutcome } from '@coucou/application/ports/push-services';
import { createHttp2Client, outcomeOf, textAt } from './http2.ts';
import type { Service, Sign } from './service.ts';

export type ApnsOptions = Readonly<{
  /** `https://api.push.apple.com`, or the sandbox. */
  url: string;
  /** With the p8 key: ES256, and its id in the header. */
  sign: Sign;
  teamId: string;
  /** The app's bundle id. */
  topic: string;
  now: () => Date;
}>;

/** Apple takes tokens of between 20 and 60 minutes of age, and no new one more often than that. */
const TOKEN_MS = 40 * 60_000;

/** Reasons that say that there is no such device, or none of this app. */
const GONE = new Set(['Unregistered', 'BadDeviceToken', 'DeviceTokenNotForTopic', 'ExpiredToken']);
const TOKEN_REFUSED = new Set(['ExpiredProviderToken', 'InvalidProviderToken']);

/** Without content the app says in its own words that something is there: by a key of its localisation, or in its notification extension. */
const alertOf = ({ title, text }: PushMessage) =>
  title === undefined && text === undefined ? { 'loc-key': 'COUCOU_NO_CONTENT' } : { title, body: text };

/** Apple Push Notification service: HTTP/2, tokens signed by the operator's own key. */
export function createApns({ url, sign, teamId, topic, now }: ApnsOptions): Service<'apns'> {
  const client = createHttp2Client(url);
  let provider: Readonly<{ token: Promise<string>; at: number }> | undefined;

  function providerToken(): Promise<string> {
    const at = now();
    if (provider === undefined || at.getTime() - provider.at >= TOKEN_MS)
      provider = { token: sign({ claims: { iss: teamId }, now: at }), at: at.getTime() };
    return provider.token;
  }

  return {
    accepts: ({ token }) => /^[\da-f]{64,200}$/i.test(token),
    async send({ token }, message): Promise<PushOutcome> {
      const { data, badge, collapseKey, urgency, ttlSeconds } = message;
      const answer = await client.post({
        path: `/3/device/${token}`,
        headers: {
          authorization: `bearer ${await providerToken()}`,
          'apns-topic': topic,
          'apns-push-type': 'alert',
          'apns-priority': urgency === 'high' ? '10' : '5',
          'apns-expiration': String(Math.floor(now().getTime() / 1_000 + ttlSeconds)),
          'apns-collapse-id': collapseKey,
          'content-type': 'application/json',
        },
        body: JSON.stringify({ aps: { alert: alertOf(message), badge, sound: 'default', 'mutable-content': 1 }, ...data }),
      });
      const reason = answer === undefined || answer.status === 200 ? undefined : textAt(answer.text, 'reason');
      if (answer?.status === 410 || (reason !== undefined && GONE.has(reason))) return { is: 'gone' };
      if (reason !== undefined && TOKEN_REFUSED.has(reason)) {
        provider = undefined;
        return { is: 'later', retryAfter: undefined };
      }
      return outcomeOf(answer);
    },
    close: client.close,
  };
}
