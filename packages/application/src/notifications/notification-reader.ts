import type { AccountId, UserId } from '@coucou/domain/kernel/ids';
import type { Notification } from '@coucou/domain/notifications/notification';
import type { Page, PageRequest } from '../conversations/conversation-reader.ts';
import { token } from '../kernel/token.ts';

/** `unread` counts all of them, up to `limits.notifications.counted`. */
export type NotificationPage = Page<Notification> & Readonly<{ unread: number }>;

export interface NotificationReader {
  /** The viewer's, newest first. A cursor of another list throws `CURSOR_INVALID`. */
  list(account: AccountId, viewer: UserId, filter: Readonly<{ unreadOnly: boolean }>, page: PageRequest): Promise<NotificationPage>;
  countUnread(account: AccountId, viewer: UserId): Promise<number>;
}
export const NotificationReader = token<NotificationReader>('NotificationReader');
