import type { About } from '@coucou/application/notifications/notify';
import { tellWithdrawn } from '@coucou/application/notifications/notify-of-changes';
import type { Writing } from '@coucou/application/ports/unit-of-work';
import { notificationKind } from '@coucou/domain/notifications/notification';
import type { NotificationRepository } from '@coucou/domain/notifications/notification-repository';
import type { SavedMessage } from '../domain/saved-message.ts';

export const reminderKind = notificationKind('reminder');

/** One for each time that a reminder was set for. */
const onceOf = ({ messageId, remindAt }: SavedMessage): string => `saved:${messageId}:${remindAt?.toISOString()}`;

/** Independent of the person's mute of the conversation: they set the reminder themselves. */
export function aboutReminder(saved: SavedMessage): About {
  const { userId, conversationId, messageId, seq } = saved;
  return { userId, kind: reminderKind, actorId: userId, conversationId, messageId, seq, once: onceOf(saved) };
}

/** A notification lasts as long as what it tells of: not when the reminder that was given is moved, or removed. */
export async function withdrawReminder(
  tx: Writing<Readonly<{ notifications: NotificationRepository }>>,
  given: SavedMessage,
): Promise<void> {
  if (given.remindedAt !== undefined) tellWithdrawn(tx, await tx.notifications.withdrawOnce(given.userId, onceOf(given)));
}
