import type { NotificationId } from '@coucou/domain/kernel/ids';
import { useCase } from '../kernel/use-case.ts';
import { Clock } from '../ports/clock.ts';
import { unitOfWork } from '../ports/unit-of-work.ts';
import { feedEntryAdded } from '../users/user-events.ts';
import { NotificationReader } from './notification-reader.ts';
import { Notifications } from './repositories.ts';

export type MarkNotifications = Readonly<{ ids?: readonly NotificationId[] | undefined; upTo?: NotificationId | undefined }>;

/** Marking again, or another user's notification, changes nothing and emits nothing. */
export const markNotifications = useCase({
  name: 'notifications.markRead',
  deps: { uow: unitOfWork({ notifications: Notifications }), reader: NotificationReader, clock: Clock },
  async run({ uow, reader, clock }, { ids = [], upTo }: MarkNotifications, { account, actor: { userId } }) {
    const which = upTo === undefined ? { ids } : { upTo };
    await uow.write(account, async (tx) => {
      const marked = await tx.notifications.markRead(userId, which, clock.now());
      if (marked > 0) tx.emit(feedEntryAdded({ userId, kind: 'notifications.read', payload: which }));
    });
    return { unread: await reader.countUnread(account, userId) };
  },
});
