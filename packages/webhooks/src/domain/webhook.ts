import { defineErrors } from '@coucou/domain/kernel/errors';
import type { AccountId, Id, Instant, UserId } from '@coucou/domain/kernel/ids';
import { jittered } from '@coucou/domain/kernel/retries';
import type { SealedSecrets } from '@coucou/domain/kernel/sealed-secrets';
import { addSeconds, isPast } from '@coucou/domain/kernel/time';
import type { WebhookEvent } from './event-types.ts';
import { webhookLimits } from './limits.ts';

export const webhookErrors = defineErrors('WEBHOOK', {
  NOT_FOUND: ['not_found', 'There is no such webhook.'],
  DELIVERY_NOT_FOUND: ['not_found', 'There is no such delivery of this webhook.'],
  LIMIT_REACHED: ['conflict', 'The account has as many webhooks as it may have.'],
  URL_REFUSED: ['invalid', 'This server calls no such address: it takes https addresses of the public internet.'],
  DISABLED: ['conflict', 'This webhook is disabled: enable it first.'],
});

export type WebhookId = Id<'webhook'>;

/** `admin`: by whoever administers the account; `gone`: the endpoint answered 410; `failing`: nothing arrived for days. */
export type DisabledReason = 'admin' | 'gone' | 'failing';

/** An endpoint of the account that is told of events. */
export type Webhook = SealedSecrets &
  Readonly<{
    accountId: AccountId;
    id: WebhookId;
    url: string;
    description: string | undefined;
    events: readonly WebhookEvent[];
    /** Events of one conversation arrive one after the other, in their order. */
    ordered: boolean;
    disabled: Readonly<{ reason: DisabledReason; at: Instant }> | undefined;
    /** Failures since the last success, and since when. */
    failures: number;
    failingSince: Instant | undefined;
    /** Nothing is sent before. */
    pausedUntil: Instant | undefined;
    createdBy: UserId | undefined;
    createdAt: Instant;
  }>;

/** What is absent stays as it is; null takes the description away. */
export type WebhookChange = Readonly<{
  url?: string | undefined;
  description?: string | null | undefined;
  events?: readonly WebhookEvent[] | undefined;
  ordered?: boolean | undefined;
  enabled?: boolean | undefined;
}>;

/** From this many failures in a row on, one request at a time finds out whether the endpoint is back. */
const PROBED_FROM = 5;
const LONGEST_PAUSE_SECONDS = 600;
/** An endpoint is given up after so long without a success, and so many failures. */
const GIVEN_UP_AFTER = { seconds: 3 * 86_400, failures: 10 };

const healthy = { failures: 0, failingSince: undefined, pausedUntil: undefined };

const sameSet = (a: readonly string[], b: readonly string[]): boolean => a.length === b.length && a.every((each) => b.includes(each));

/** What a webhook becomes, with the names of what differs; undefined when nothing does. Another address, and enabling, begin anew. */
function update(
  current: Webhook,
  change: WebhookChange,
  now: Instant,
): Readonly<{ webhook: Webhook; changed: readonly string[] }> | undefined {
  const url = change.url ?? current.url;
  const description = change.description === undefined ? current.description : (change.description ?? undefined);
  const events = change.events ?? current.events;
  const ordered = change.ordered ?? current.ordered;
  const enabled = change.enabled ?? current.disabled === undefined;
  const changed = [
    ...(url === current.url ? [] : ['url']),
    ...(description === current.description ? [] : ['description']),
    ...(sameSet(events, current.events) ? [] : ['events']),
    ...(ordered === current.ordered ? [] : ['ordered']),
    ...(enabled === (current.disabled === undefined) ? [] : ['enabled']),
  ];
  if (changed.length === 0) return undefined;
  const disabled = enabled ? undefined : (current.disabled ?? { reason: 'admin' as const, at: now });
  const beginsAnew = changed.includes('url') || changed.includes('enabled');
  return { webhook: { ...current, url, description, events, ordered, disabled, ...(beginsAnew && healthy) }, changed };
}

const isProbed = ({ failures }: Webhook): boolean => failures >= PROBED_FROM;

/** How many requests may be under way. */
function atOnce(webhook: Webhook, now: Instant): number {
  if (webhook.disabled !== undefined) return 0;
  if (webhook.pausedUntil !== undefined && !isPast(webhook.pausedUntil, now)) return 0;
  return isProbed(webhook) ? 1 : webhookLimits.atOnce;
}

export type Chance = () => number;

type Failure = Readonly<{
  gone: boolean;
  /** The endpoint asked for this. */
  retryAt: Instant | undefined;
  /** The first delay of its retries, from which pauses double. */
  firstSeconds: number;
}>;

/** After an attempt. `failure`: absent after a success. */
function settle(webhook: Webhook, failure: Failure | undefined, now: Instant, chance: Chance): Webhook {
  if (failure === undefined) return webhook.failures === 0 && webhook.pausedUntil === undefined ? webhook : { ...webhook, ...healthy };
  const paused = webhook.pausedUntil !== undefined && !isPast(webhook.pausedUntil, now);
  // What was under way when the pause began tells nothing new: one short outage is one pause, however many requests it ended.
  const failures = paused ? webhook.failures : webhook.failures + 1;
  const failingSince = webhook.failingSince ?? now;
  const pause = Math.min(failure.firstSeconds * 2 ** (failures - PROBED_FROM), LONGEST_PAUSE_SECONDS);
  const until = failures < PROBED_FROM ? undefined : addSeconds(now, jittered(pause, chance));
  const pausedUntil = later(paused ? webhook.pausedUntil : until, failure.retryAt);
  const isGivenUp = failures >= GIVEN_UP_AFTER.failures && isPast(addSeconds(failingSince, GIVEN_UP_AFTER.seconds), now);
  const reason = failure.gone ? 'gone' : isGivenUp ? 'failing' : undefined;
  return { ...webhook, failures, failingSince, pausedUntil, disabled: webhook.disabled ?? (reason && { reason, at: now }) };
}

const later = (a: Instant | undefined, b: Instant | undefined): Instant | undefined =>
  a === undefined || (b !== undefined && b > a) ? b : a;

const originOf = ({ url }: Pick<Webhook, 'url'>): string => new URL(url).origin;

export const Webhook = { update, atOnce, isProbed, settle, originOf };
