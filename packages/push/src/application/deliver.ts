import { OwnAccounts } from '@coucou/application/accounts/repositories';
import { chanceOf } from '@coucou/application/kernel/chance';
import { subscriber } from '@coucou/application/kernel/subscriber';
import type { Ports } from '@coucou/application/kernel/token';
import { Clock } from '@coucou/application/ports/clock';
import { Ids } from '@coucou/application/ports/ids';
import { PresenceRegistry } from '@coucou/application/ports/presence';
import { type PushMessage, type PushOutcome, PushServices } from '@coucou/application/ports/push-services';
import { unitOfWork, type Writing } from '@coucou/application/ports/unit-of-work';
import { UserPreferences } from '@coucou/application/preferences/repositories';
import type { AccountId, Instant, UserId } from '@coucou/domain/kernel/ids';
import { retryAfter } from '@coucou/domain/kernel/retries';
import { addSeconds } from '@coucou/domain/kernel/time';
import { defaultPreferences } from '@coucou/domain/preferences/preferences';
import { pushLimits } from '../domain/limits.ts';
import { Push, type PushState } from '../domain/push.ts';
import { quietUntil } from '../domain/quiet-hours.ts';
import { type Ending, PushSubscription, type SubscriptionId } from '../domain/subscription.ts';
import { pushDue } from './push-events.ts';
import { PushQueue, PushSubscriptions } from './push-repository.ts';

/** After this it goes on behind the jobs that wait. */
const SLICE_SECONDS = 5;
/** Longer than a slice and the request that it ends with: a claim of somebody who died ends by itself. */
const CLAIM_SECONDS = 60;

const repositories = { subscriptions: PushSubscriptions, queue: PushQueue, preferences: UserPreferences, accounts: OwnAccounts };
const deps = { uow: unitOfWork(repositories), services: PushServices, presence: PresenceRegistry, clock: Clock, ids: Ids };
type Given = Ports<typeof deps>;
type Tx = Writing<Ports<typeof repositories>>;

type Claimed = Readonly<{ subscription: PushSubscription; pushes: readonly PushState[]; badge: number; showsContent: boolean }>;

const order = (tx: Tx, { id, userId }: Pick<PushSubscription, 'id' | 'userId'>, at: Instant | undefined, now: Instant): void =>
  tx.emit(pushDue({ subscriptionId: id, userId, at: at !== undefined && at > now ? at : undefined }));

/** Orders the next look, for when something can be sent. */
async function orderRest(tx: Tx, subscription: PushSubscription, now: Instant): Promise<void> {
  const next = await tx.queue.nextAt(subscription.id);
  if (next === undefined) return;
  const held = PushSubscription.heldUntil(subscription, now);
  order(tx, subscription, held !== undefined && held > next ? held : next, now);
}

/** What is to be sent now, with what it says now; undefined where nothing is. */
async function claim({ presence, clock }: Given, tx: Tx, id: SubscriptionId, online: Awaited<ReturnType<typeof presence.of>>) {
  const now = clock.now();
  const subscription = await tx.subscriptions.lock(id, now);
  if (subscription === undefined) return undefined;
  const { userId } = subscription;
  const held = PushSubscription.heldUntil(subscription, now);
  if (held !== undefined) {
    order(tx, subscription, held, now);
    return undefined;
  }
  const { notifications: rules } = (await tx.preferences.lookup(userId)) ?? defaultPreferences;
  const quiet = rules.push ? quietUntil(rules.quietHours, now) : undefined;
  if (quiet !== undefined) {
    await tx.queue.defer(id, now, quiet);
    order(tx, subscription, quiet, now);
    return undefined;
  }
  const due = await tx.queue.due(subscription, now, pushLimits.atOnce);
  // A device in somebody's hands has what happened over its own connection.
  const isInHands = online.get(userId)?.some((device) => device.id === subscription.sessionId && device.status === 'online') === true;
  const isWanted = rules.push && !isInHands && (await tx.accounts.own()).suspendedAt === undefined;
  const pushes = due.filter((push) => isWanted && Push.holds(push, now));
  await tx.queue.end(
    id,
    due.filter((push) => !pushes.includes(push)),
  );
  if (pushes.length === 0) {
    await orderRest(tx, subscription, now);
    return undefined;
  }
  const claimed = { ...subscription, claimedUntil: addSeconds(now, CLAIM_SECONDS) };
  await tx.subscriptions.update(claimed);
  return { subscription: claimed, pushes, badge: await tx.queue.unread(userId), showsContent: rules.content !== false } satisfies Claimed;
}

function messageOf({ subscription, badge, showsContent }: Claimed, push: PushState, now: Instant): PushMessage {
  const shown = showsContent ? Push.shown(push) : { title: undefined, text: undefined };
  return {
    ...shown,
    data: { ...Push.dataOf(push), subscriptionId: subscription.id, at: push.createdAt.toISOString() },
    badge,
    // An id without its hyphens has the 32 characters that a topic may have.
    collapseKey: push.topic.slice(2).replaceAll('-', ''),
    urgency: Push.urgencyOf(push),
    ttlSeconds: Math.max(0, (Push.endsAt(push).getTime() - now.getTime()) / 1_000),
  };
}

const endingOf = (outcome: PushOutcome, now: Instant): Ending =>
  outcome.is === 'later' ? { is: 'later', retryAt: retryAfter(outcome.retryAfter, now, pushLimits.retryAfterSeconds) } : outcome;

/** Writes what became of it. What the service wants later waits; all else has ended. */
async function settle(
  { clock, ids }: Given,
  tx: Tx,
  { subscription }: Claimed,
  ended: readonly PushState[],
  ending: Ending,
): Promise<void> {
  const now = clock.now();
  const current = await tx.subscriptions.lock(subscription.id, now);
  if (current === undefined) return;
  const chance = () => chanceOf(ids);
  const settled = PushSubscription.settle({ ...current, claimedUntil: undefined }, ending, now, chance);
  if (settled === undefined) return tx.subscriptions.remove(current.id);
  await tx.queue.end(current.id, ended);
  await tx.subscriptions.update(settled);
  await orderRest(tx, settled, now);
}

/**
 * Sends what is due to one device, one push after the other; then orders what is left. What the service refuses is no failure of the job. Whoever is
 * killed leaves a claim that ends by itself, and this event, which is run again: a push may then come twice, under the same key.
 */
async function deliver(given: Given, account: AccountId, subscriptionId: SubscriptionId, userId: UserId, isStopping: () => boolean) {
  const { uow, services, presence, clock } = given;
  const online = await presence.of(account, [userId]);
  const claimed: Claimed | undefined = await uow.write(account, (tx) => claim(given, tx, subscriptionId, online));
  if (claimed === undefined) return;
  const endsAt = addSeconds(clock.now(), SLICE_SECONDS);
  const ended: PushState[] = [];
  let ending: Ending = { is: 'taken' };
  for (const push of claimed.pushes) {
    const now = clock.now();
    if (isStopping() || now > endsAt) break;
    ending = endingOf(await services.send(claimed.subscription.address, messageOf(claimed, push, now)), now);
    if (ending.is === 'later' || ending.is === 'gone') break;
    ended.push(push);
  }
  await uow.write(account, (tx) => settle(given, tx, claimed, ended, ending));
}

export const deliverDue = subscriber({
  name: 'push.deliver',
  on: pushDue,
  queue: 'normal',
  deps,
  run: (given, { account, subscriptionId, userId }, { stopping }) =>
    deliver(given, account, subscriptionId, userId, () => stopping.aborted),
});
