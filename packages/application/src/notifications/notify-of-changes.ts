import type { AccountId, ConversationId, FriendRequestId, UserId } from '@coucou/domain/kernel/ids';
import { limits } from '@coucou/domain/kernel/limits';
import { Notification } from '@coucou/domain/notifications/notification';
import type { NotificationRepository, Withdrawn } from '@coucou/domain/notifications/notification-repository';
import { conversationDeleted, memberLeft } from '../conversations/conversation-events.ts';
import { friendCancelled, friendRejected } from '../friends/friend-events.ts';
import { subscriber } from '../kernel/subscriber.ts';
import type { Ports } from '../kernel/token.ts';
import { messageDeleted, messageHidden, messageUpdated } from '../messages/message-events.ts';
import type { Writing } from '../ports/unit-of-work.ts';
import { feedEntryAdded } from '../users/user-events.ts';
import { type About, notifyDeps, tell } from './notify.ts';

type Writer = Writing<{ notifications: NotificationRepository }>;
type Given = Ports<typeof notifyDeps>;

export function tellWithdrawn(tx: Writer, withdrawn: readonly Withdrawn[]): void {
  for (const { id, userId } of withdrawn)
    tx.emit(feedEntryAdded({ userId, kind: 'notification.removed', payload: { notificationId: id } }));
}

/**
 * Withdraws notifications of a message that no longer justifies them. It reads the present state, so it is idempotent and does not depend on
 * the order in which changes arrive.
 */
async function withdraw(
  tx: Writer,
  { conversationId, seq }: Readonly<{ conversationId: ConversationId; seq: number }>,
  hiddenFrom?: UserId,
): Promise<void> {
  tellWithdrawn(tx, await tx.notifications.withdraw(conversationId, seq, hiddenFrom));
}

/** Mentions that an edit adds notify as in a new message; for those that it removes the notification is withdrawn, read or not. */
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

/** So many in one transaction: a group that is deleted may have told thousands. */
const MOST_AT_ONCE = 200;

async function withdrawLeft({ uow }: Given, account: AccountId, conversationId: ConversationId, userId?: UserId): Promise<void> {
  const round = () =>
    uow.write(account, async (tx) => {
      const withdrawn = await tx.notifications.withdrawLeft(conversationId, MOST_AT_ONCE, userId);
      tellWithdrawn(tx, withdrawn);
      return withdrawn.length;
    });
  while ((await round()) === MOST_AT_ONCE);
}

/** A former member's notifications of the conversation are withdrawn, unless they have joined again: they open nothing any more. */
export const withdrawFromLeaver = subscriber({
  name: 'notifications.memberLeft',
  on: memberLeft,
  deps: notifyDeps,
  run: (given, { account, conversationId, userId }) => withdrawLeft(given, account, conversationId, userId),
});

export const withdrawOfConversation = subscriber({
  name: 'notifications.conversationDeleted',
  on: conversationDeleted,
  deps: notifyDeps,
  run: (given, { account, conversationId }) => withdrawLeft(given, account, conversationId),
});

const withdrawRequest = ({ uow }: Given, { account, requestId }: Readonly<{ account: AccountId; requestId: FriendRequestId }>) =>
  uow.write(account, async (tx) => tellWithdrawn(tx, await tx.notifications.withdrawRequest(requestId)));

export const withdrawCancelled = subscriber({
  name: 'notifications.friendCancelled',
  on: friendCancelled,
  deps: notifyDeps,
  run: withdrawRequest,
});

export const withdrawRejected = subscriber({
  name: 'notifications.friendRejected',
  on: friendRejected,
  deps: notifyDeps,
  run: withdrawRequest,
});
