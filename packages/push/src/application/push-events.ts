import { event, holdIds } from '@coucou/application/kernel/event';
import type { Instant, UserId } from '@coucou/domain/kernel/ids';
import type { SubscriptionId } from '../domain/subscription.ts';

/** Something waits for a device. One order of a subscription waits at a time. `at`: not before; absent: at once. */
export const pushDue = event<Readonly<{ subscriptionId: SubscriptionId; userId: UserId; at?: Instant | undefined }>>()({
  type: 'push.due',
  tells: [],
  audience: () => [],
  fact: ({ subscriptionId, userId }) => ({ subscriptionId, userId }),
  reads: (fact) => holdIds(fact, 'subscriptionId', 'userId'),
  dueAt: ({ at }) => at,
  dedupKey: ({ subscriptionId }) => subscriptionId,
});
