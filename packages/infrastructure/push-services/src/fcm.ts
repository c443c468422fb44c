import type { PushOutcome } from '@coucou/application/ports/push-services';
import { createHttp2Client, outcomeOf, textAt } from './http2.ts';
import type { Service, Sign } from './service.ts';

export type FcmOptions = Readonly<{
  /** `https://fcm.googleapis.com`. */
  url: string;
  projectId: string;
  clientEmail: string;
  /** Where Google gives tokens for assertions. */
  tokenUri: string;
  /** With the key of the service account: RS256. */
  sign: Sign;
  now: () => Date;
}>;

const SCOPE = 'https://www.googleapis.com/auth/firebase.messaging';
const GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const ASSERTED_SECONDS = 3_600;
/** A token is asked for anew so long before it ends. */
const SPARE_MS = 60_000;

/** Data of FCM is text by name. */
const asTexts = (data: Readonly<Record<string, unknown>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(data).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, typeof value === 'string' ? value : JSON.stringify(value)]],
    ),
  );

/** Firebase Cloud Messaging, HTTP v1: tokens for the operator's own service account. */
export function createFcm({ url, projectId, clientEmail, tokenUri, sign, now }: FcmOptions): Service<'fcm'> {
  const client = createHttp2Client(url);
  const { origin, pathname } = new URL(tokenUri);
  const issuer = createHttp2Client(origin);
  let access: Readonly<{ token: string; until: number }> | undefined;

  async function accessToken(): Promise<string | undefined> {
    const at = now();
    if (access !== undefined && at.getTime() < access.until) return access.token;
    const assertion = await sign({ claims: { iss: clientEmail, scope: SCOPE, aud: tokenUri }, now: at, seconds: ASSERTED_SECONDS });
    const answer = await issuer.post({
      path: pathname,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ grant_type: GRANT, assertion }).toString(),
    });
    const token = answer?.status === 200 ? textAt(answer.text, 'access_token') : undefined;
    if (answer === undefined || token === undefined) return undefined;
    const { expires_in: seconds } = JSON.parse(answer.text) as { expires_in?: unknown };
    access = { token, until: at.getTime() + (typeof seconds === 'number' ? seconds : 0) * 1_000 - SPARE_MS };
    return token;
  }

  return {
    accepts: ({ token }) => /^[\w:.-]{20,4096}$/.test(token),
    async send({ token }, { data, title, text, badge, collapseKey, urgency, ttlSeconds }): Promise<PushOutcome> {
      const bearer = await accessToken();
      if (bearer === undefined) return { is: 'later', retryAfter: undefined };
      const hasContent = title !== undefined || text !== undefined;
      const answer = await client.post({
        path: `/v1/projects/${projectId}/messages:send`,
        headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
        body: JSON.stringify({
          message: {
            token,
            data: asTexts({ ...data, badge }),
            ...(hasContent && { notification: { title, body: text } }),
            android: { collapse_key: collapseKey, priority: urgency, ttl: `${Math.floor(ttlSeconds)}s` },
          },
        }),
      });
      const status = answer && textAt(answer.text, 'error', 'status');
      if (answer?.status === 404 || status === 'UNREGISTERED') return { is: 'gone' };
      // A token of another project: it can never be pushed to from here.
      if (answer?.status === 403 && answer.text.includes('SENDER_ID_MISMATCH')) return { is: 'gone' };
      if (answer?.status === 401) {
        access = undefined;
        return { is: 'later', retryAfter: undefined };
      }
      return outcomeOf(answer);
    },
    close() {
      client.close();
      issuer.close();
    },
  };
}
