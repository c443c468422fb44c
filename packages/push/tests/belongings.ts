import { createECDH, randomBytes } from 'node:crypto';
import type { Belonging } from '../../../tests/isolation/belongings.ts';
import { expectStatus } from '../../../tests/support/people.ts';

/** Nobody answers there: `.invalid` has no addresses. */
export const nowhere = (path: string) => ({
  service: 'web',
  endpoint: `https://push.invalid/${encodeURIComponent(path)}`,
  keys: { p256dh: createECDH('prime256v1').generateKeys('base64url'), auth: randomBytes(16).toString('base64url') },
});

/** Whoever wants no pushes is sent none: a subscription to nowhere would fail, and so change by itself. */
const pushSubscription: Belonging = async ({ owner }, _, word) => {
  const notifications = { push: false, email: true, mentionsOnly: false };
  expectStatus(await owner.http.call('PUT', '/api/v1/users/me/preferences', { notifications }), 200);
  return expectStatus(await owner.http.call('POST', '/api/v1/push-subscriptions', nowhere(word)), 201).id;
};

/** @public Found by the isolation suites. */
export const belongings: Readonly<Record<string, Belonging>> = { pushSubscription };
