import type { ConversationId, UserId } from '@coucou/domain/kernel/ids';
import { limits } from '@coucou/domain/kernel/limits';
import { Notification } from '@coucou/domain/notifications/notification';
import type { NotificationRepository } from '@coucou/domain/notifications/notification-repository';
import { subscriber } from '../kernel/subscriber.ts';
import { messageDeleted, messageHidden, messageUpdated } from '../messages/message-events.ts';
import type { Writing } from '../ports/unit-of-work.ts';
import { feedEntryAdded } from '../users/user-events.ts';
import { type About, notifyDeps, tell } from './notify.ts';

/**
 * A notification lasts as long as what it tells of. All of this looks at the message as it is by now, so that it does not matter in which
 * order changes arrive, or how often.
 */
async function withdraw(
  tx: Writing<{ notifications: NotificationRepository }>,
  { conversationId, seq }: Readonly<{ conversationId: ConversationId; seq: number }>,
  hiddenFrom?: UserId,
): Promise<void> {
  for (const { id, userId } of await tx.notifications.withdraw(conversationId, seq, hiddenFrom))
    tx.emit(feedEntryAdded({ userId, kind: 'notification.removed', payload: { notificationId: id } }));
}

/** Whom an edit mentions is notified as by a new message; whom it mentions no longer loses the notification, read or not. */
export const notifyOfEdits = subscriber({
  name: 'notifications.messageUpdated',
  on: messageUpdated,
  deps: notifyDeps,
  async run(given, { account, conversationId, messageId, seq, mentions }) {
    if (mentions === undefined) return;
    await given.uow.write(account, async (tx) => {
      const found = await tx.notifications.concerned(conversationId, messageId, limits.notifications.everyone);
      await withdraw(tx, { conversationId, seq });
      if (found === undefined) return;
      const now = given.clock.now();
      const isNew = ({ userId, why }: (typeof found.people)[number]) =>
        why === 'everyone' ? mentions.everyone === 'added' : why === 'mention' && mentions.added.includes(userId);
      const abouts = found.people.filter(isNew).flatMap((person): About[] => {
        const kind = Notification.ofMessage(person, now);
        const about = { userId: person.userId, actorId: found.senderId, conversationId, messageId, seq, once: `message:${messageId}` };
        return kind === undefined ? [] : [{ ...about, kind }];
      });
      await tell(given, tx, account, abouts);
    });
  },
});

export const withdrawDeleted = subscriber({
  name: 'notifications.messageDeleted',
  on: messageDeleted,
  deps: notifyDeps,
  run: ({ uow }, event) => uow.write(event.account, (tx) => withdraw(tx, event)),
});

export const withdrawHidden = subscriber({
  name: 'notifications.messageHidden',
  on: messageHidden,
  deps: notifyDeps,
  run: ({ uow }, event) => uow.write(event.account, (tx) => withdraw(tx, event, event.userId)),
});
