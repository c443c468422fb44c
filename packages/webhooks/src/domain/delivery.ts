import type { AccountId, ConversationId, Id, Instant } from '@coucou/domain/kernel/ids';
import { jittered, retryAfter } from '@coucou/domain/kernel/retries';
import { addSeconds } from '@coucou/domain/kernel/time';
import type { DeliveredEvent } from './event-types.ts';
import { webhookLimits } from './limits.ts';
import type { WebhookId } from './webhook.ts';

export type DeliveryId = Id<'webhookDelivery'>;

/**
 * What became of an attempt. `answered`: with a status that is no success; `gone`: 410; `redirected`: nothing is followed; the others as those of an
 * outbound call.
 */
export const outcomes = [
  'delivered',
  'answered',
  'gone',
  'redirected',
  'refused',
  'unreachable',
  'timeout',
  'too_large',
  'not_http',
] as const;
export type Outcome = (typeof outcomes)[number];

export type DeliveryState = 'pending' | 'delivered' | 'failed';

/** One event on its way to one endpoint. It holds ids: what they stand for is read when it is sent. */
export type Delivery = Readonly<{
  accountId: AccountId;
  id: DeliveryId;
  webhookId: WebhookId;
  /** The same for every attempt and every replay, and at every endpoint: by it receivers know a repetition. */
  eventId: string;
  event: DeliveredEvent;
  conversationId: ConversationId | undefined;
  /** The conversation's version at the event: its place in the order. */
  version: number | undefined;
  data: Readonly<Record<string, unknown>>;
  state: DeliveryState;
  /** Since it was made, or replayed last. */
  attempts: number;
  lastOutcome: Outcome | undefined;
  lastStatus: number | undefined;
  nextAt: Instant;
  createdAt: Instant;
  endedAt: Instant | undefined;
}>;

/** A line of the log. */
export type Attempt = Readonly<{
  id: Id<'webhookAttempt'>;
  at: Instant;
  durationMs: number;
  /** Without its query, which may hold a secret. */
  url: string;
  bytes: number;
  /** SHA-256 of the body, in hexadecimal. */
  digest: string;
  outcome: Outcome;
  status: number | undefined;
  /** The beginning of the answer. */
  answer: string | undefined;
}>;

export type Ending = Readonly<{ outcome: Outcome; status: number | undefined; retryAt: Instant | undefined }>;

/** `retries`: the delays after each failure, in seconds. */
function settle(
  delivery: Delivery,
  { outcome, status, retryAt }: Ending,
  retries: readonly number[],
  now: Instant,
  chance: () => number,
): Delivery {
  const attempts = delivery.attempts + 1;
  const tried = { ...delivery, attempts, lastOutcome: outcome, lastStatus: status };
  if (outcome === 'delivered') return { ...tried, state: 'delivered', endedAt: now };
  const delay = retries[attempts - 1];
  if (delay === undefined) return { ...tried, state: 'failed', endedAt: now };
  const nextAt = addSeconds(now, jittered(delay, chance));
  return { ...tried, nextAt: retryAt !== undefined && retryAt > nextAt ? retryAt : nextAt };
}

function outcomeOf(status: number): Outcome {
  if (status >= 200 && status < 300) return 'delivered';
  if (status === 410) return 'gone';
  return status >= 300 && status < 400 ? 'redirected' : 'answered';
}

/** The time of a `Retry-After`, a day ahead at most; undefined for what is none. */
const retryAtOf = (header: string | undefined, now: Instant): Instant | undefined =>
  retryAfter(header, now, webhookLimits.retryAfterSeconds);

/** Without query and fragment. */
function shownUrl(url: string): string {
  const { origin, pathname } = new URL(url);
  return origin + pathname;
}

export const Delivery = { settle, outcomeOf, retryAtOf, shownUrl };
