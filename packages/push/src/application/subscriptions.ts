import { liveSessionRepositories, requireLiveSession } from '@coucou/application/auth/live-session';
import { useCase } from '@coucou/application/kernel/use-case';
import { Clock } from '@coucou/application/ports/clock';
import { Ids } from '@coucou/application/ports/ids';
import { PushServices } from '@coucou/application/ports/push-services';
import { unitOfWork } from '@coucou/application/ports/unit-of-work';
import type { PushAddress } from '@coucou/domain/notifications/push-address';
import { pushLimits } from '../domain/limits.ts';
import { pushErrors, type PushSubscription, type SubscriptionId } from '../domain/subscription.ts';
import { PushDirectory, PushSubscriptions } from './push-repository.ts';

type Empty = Readonly<Record<never, never>>;

/** A subscription as its person sees it: `isCurrent` where it is of the device that asks. */
export type OwnSubscription = Readonly<{ subscription: PushSubscription; isCurrent: boolean }>;

export type Subscribe =
  | Readonly<{ service: 'web'; endpoint: string; keys: Readonly<{ p256dh: string; auth: string }> }>
  | Readonly<{ service: 'apns' | 'fcm'; token: string }>;

const addressOf = (given: Subscribe): PushAddress =>
  given.service === 'web'
    ? { service: given.service, endpoint: given.endpoint, ...given.keys }
    : { service: given.service, token: given.token };

export const listPushServices = useCase({
  name: 'push.services',
  deps: { services: PushServices },
  run: async ({ services }, _input: Empty) => services.offers,
});

/** Of the session that calls. The same address again takes the place of the subscription that was there, also of another person's. */
export const subscribe = useCase({
  name: 'push.subscribe',
  deps: {
    uow: unitOfWork({ subscriptions: PushSubscriptions, ...liveSessionRepositories }),
    services: PushServices,
    directory: PushDirectory,
    clock: Clock,
    ids: Ids,
  },
  async run({ uow, services, directory, clock, ids }, input: Subscribe, { account, actor }): Promise<OwnSubscription> {
    const address = addressOf(input);
    if (!services.offers[address.service]) throw pushErrors.UNAVAILABLE({ service: address.service });
    if (!services.accepts(address)) throw pushErrors.ADDRESS_REFUSED();
    const { userId, sessionId } = actor;
    const subscription: PushSubscription = {
      accountId: account,
      id: ids.next(),
      userId,
      sessionId,
      address,
      failures: 0,
      failingSince: undefined,
      pausedUntil: undefined,
      claimedUntil: undefined,
      createdAt: clock.now(),
    };
    await uow.write(account, async (tx) => {
      await requireLiveSession(tx, actor);
      await tx.subscriptions.add(subscription, pushLimits.perDevice);
    });
    directory.forget(account);
    return { subscription, isCurrent: true };
  },
});

export const listSubscriptions = useCase({
  name: 'push.list',
  deps: { uow: unitOfWork({ subscriptions: PushSubscriptions }), clock: Clock },
  async run({ uow, clock }, _input: Empty, { account, actor }): Promise<readonly OwnSubscription[]> {
    const found = await uow.read(account, (tx) => tx.subscriptions.list(actor.userId, clock.now()));
    return found.map((subscription) => ({ subscription, isCurrent: subscription.sessionId === actor.sessionId }));
  },
});

/** Without an id again and again: nothing is left to end. */
export const unsubscribe = useCase({
  name: 'push.unsubscribe',
  deps: { uow: unitOfWork({ subscriptions: PushSubscriptions }) },
  async run({ uow }, { subscriptionId }: Readonly<{ subscriptionId?: SubscriptionId | undefined }>, { account, actor }) {
    await uow.write(account, async (tx) => {
      const removed = await tx.subscriptions.removeOf(actor, subscriptionId);
      if (subscriptionId !== undefined && removed === 0) throw pushErrors.SUBSCRIPTION_NOT_FOUND();
    });
  },
});
