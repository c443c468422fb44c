import type { ScheduledMessageId } from '@coucou/domain/kernel/ids';
import { subscriber } from '../kernel/subscriber.ts';
import { Clock } from '../ports/clock.ts';
import { Ids } from '../ports/ids.ts';
import { unitOfWork } from '../ports/unit-of-work.ts';
import { ScheduledMessages } from '../scheduled/repositories.ts';
import { scheduledAmended, scheduledFailed } from '../scheduled/scheduled-events.ts';
import { tell } from './notify.ts';
import { tellWithdrawn } from './notify-of-changes.ts';
import { Notifications } from './repositories.ts';

const deps = { uow: unitOfWork({ scheduled: ScheduledMessages, notifications: Notifications }), clock: Clock, ids: Ids };

const onceOf = ({ scheduledMessageId, revision }: Readonly<{ scheduledMessageId: ScheduledMessageId; revision: number }>): string =>
  `scheduled:${scheduledMessageId}:${revision}`;

/** Not when it was corrected or deleted in the meantime; the lock lets no change come between. */
export const notifyOfFailure = subscriber({
  name: 'notifications.scheduledFailed',
  on: scheduledFailed,
  deps,
  run: (given, event) =>
    given.uow.write(event.account, async (tx) => {
      const { scheduledMessageId, userId, revision } = event;
      const found = await tx.scheduled.lock(scheduledMessageId);
      if (found?.status !== 'failed' || found.revision !== revision) return;
      const about = { userId, actorId: userId, conversationId: found.conversationId, scheduledMessageId };
      await tell(given, tx, event.account, [{ ...about, kind: 'scheduledFailed', once: onceOf(event) }]);
    }),
});

export const withdrawAmended = subscriber({
  name: 'notifications.scheduledAmended',
  on: scheduledAmended,
  deps,
  run: ({ uow }, event) =>
    uow.write(event.account, async (tx) => tellWithdrawn(tx, await tx.notifications.withdrawOnce(event.userId, onceOf(event)))),
});
