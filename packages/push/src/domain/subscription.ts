import { defineErrors } from '@coucou/domain/kernel/errors';
import type { AccountId, Id, Instant, SessionId, UserId } from '@coucou/domain/kernel/ids';
import { jittered } from '@coucou/domain/kernel/retries';
import { addSeconds, isPast } from '@coucou/domain/kernel/time';
import type { PushAddress } from '@coucou/domain/notifications/push-address';

export const pushErrors = defineErrors('PUSH', {
  UNAVAILABLE: ['unavailable', 'This server has no keys for this push service; its operator sets them.'],
  ADDRESS_REFUSED: [
    'invalid',
    'Nothing can be pushed there: this server takes https endpoints of the public internet with the keys that the browser made, and tokens as their service gives them.',
  ],
  SUBSCRIPTION_NOT_FOUND: ['not_found', 'There is no such push subscription.'],
});

export type SubscriptionId = Id<'pushSubscription'>;

/** How one device is reached. It lasts as long as the session of the device. */
export type PushSubscription = Readonly<{
  accountId: AccountId;
  id: SubscriptionId;
  userId: UserId;
  sessionId: SessionId;
  address: PushAddress;
  /** Failures since the last success, and since when. */
  failures: number;
  failingSince: Instant | undefined;
  /** Nothing is sent before. */
  pausedUntil: Instant | undefined;
  /** Until then somebody else sends to it. */
  claimedUntil: Instant | undefined;
  createdAt: Instant;
}>;

/** Delays after each failure, in seconds; the last one again and again. */
const BACK_OFF = [10, 60, 300, 900, 3_600] as const;
/** Whoever was never reached for so long is gone. */
const GIVEN_UP_SECONDS = 7 * 86_400;

const healthy = { failures: 0, failingSince: undefined, pausedUntil: undefined };

/** `gone`: the service knows no such device. `retryAt`: when it asked to be called again. */
export type Ending = Readonly<{ is: 'taken' | 'gone' | 'refused' }> | Readonly<{ is: 'later'; retryAt: Instant | undefined }>;

/** The subscription after an attempt; undefined where it ends. */
function settle(subscription: PushSubscription, ending: Ending, now: Instant, chance: () => number): PushSubscription | undefined {
  if (ending.is === 'taken') return { ...subscription, ...healthy };
  if (ending.is === 'gone') return undefined;
  const failures = subscription.failures + 1;
  const failingSince = subscription.failingSince ?? now;
  if (isPast(addSeconds(failingSince, GIVEN_UP_SECONDS), now)) return undefined;
  const failing = { ...subscription, failures, failingSince };
  if (ending.is !== 'later') return failing;
  const delay = BACK_OFF[Math.min(failures, BACK_OFF.length) - 1] ?? 0;
  const ownAt = addSeconds(now, jittered(delay, chance));
  const { retryAt } = ending;
  return { ...failing, pausedUntil: retryAt !== undefined && retryAt > ownAt ? retryAt : ownAt };
}

/** Until when nothing may be sent; undefined where something may. */
function heldUntil({ pausedUntil, claimedUntil }: PushSubscription, now: Instant): Instant | undefined {
  const times = [pausedUntil, claimedUntil].filter((at) => at !== undefined && !isPast(at, now));
  return times.toSorted((a, b) => Number(b) - Number(a))[0];
}

export const PushSubscription = { settle, heldUntil };
