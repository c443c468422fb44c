import type { PushServices as PushServicesPort } from '@coucou/application/ports/push-services';
import { pushServiceNames } from '@coucou/domain/notifications/push-address';
import type { z } from 'zod';
import type { OwnSubscription } from './application/subscriptions.ts';
import type { PushServices as WireServices, PushSubscription as WireSubscription } from './contracts/subscription.ts';

export const presentServices = (offers: PushServicesPort['offers']): z.infer<typeof WireServices> => ({
  services: pushServiceNames.filter((name) => offers[name]),
  vapidKey: offers.vapidKey,
});

export const presentSubscription = ({ subscription, isCurrent }: OwnSubscription): z.infer<typeof WireSubscription> => ({
  id: subscription.id,
  service: subscription.address.service,
  sessionId: subscription.sessionId,
  current: isCurrent,
  failingSince: subscription.failingSince?.toISOString(),
  createdAt: subscription.createdAt.toISOString(),
});

export const presentSubscriptions = (subscriptions: readonly OwnSubscription[]) => ({ items: subscriptions.map(presentSubscription) });
