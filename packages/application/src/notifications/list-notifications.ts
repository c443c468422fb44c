import { useCase } from '../kernel/use-case.ts';
import { NotificationReader } from './notification-reader.ts';

export type ListNotifications = Readonly<{ unread?: boolean | undefined; limit: number; cursor?: string | undefined }>;

export const listNotifications = useCase({
  name: 'notifications.list',
  deps: { reader: NotificationReader },
  run: ({ reader }, { unread = false, limit, cursor }: ListNotifications, { account, actor }) =>
    reader.list(account, actor.userId, { unreadOnly: unread }, { limit, cursor }),
});
