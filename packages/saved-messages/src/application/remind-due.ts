import { OwnAccounts } from '@coucou/application/accounts/repositories';
import { Conversations } from '@coucou/application/conversations/repositories';
import { subscriber } from '@coucou/application/kernel/subscriber';
import { openMessage } from '@coucou/application/messages/open-message';
import { Messages } from '@coucou/application/messages/repositories';
import { tell } from '@coucou/application/notifications/notify';
import { Notifications } from '@coucou/application/notifications/repositories';
import { Clock } from '@coucou/application/ports/clock';
import { Ids } from '@coucou/application/ports/ids';
import { unitOfWork } from '@coucou/application/ports/unit-of-work';
import { Users } from '@coucou/application/users/repositories';
import type { ConversationRepository } from '@coucou/domain/conversations/conversation-repository';
import { ChatError } from '@coucou/domain/kernel/errors';
import type { MessageId, UserId } from '@coucou/domain/kernel/ids';
import { messageErrors } from '@coucou/domain/messages/message';
import type { MessageRepository } from '@coucou/domain/messages/message-repository';
import { SavedMessage } from '../domain/saved-message.ts';
import { aboutReminder } from './reminder-notification.ts';
import { reminderDue, tellSaved } from './saved-message-events.ts';
import { SavedMessages } from './saved-message-repository.ts';

/** Whether the person may use the service, and read the message. Its conversation is locked: nothing that ends this comes in between. */
async function mayRead(
  tx: Readonly<{ messages: MessageRepository; conversations: ConversationRepository }>,
  messageId: MessageId,
  userId: UserId,
): Promise<boolean> {
  const opened = await openMessage(tx, messageId, userId).catch((error: unknown) => {
    if (error instanceof ChatError && error.code === messageErrors.MESSAGE_NOT_FOUND.code) return undefined;
    throw error;
  });
  return opened !== undefined && opened.message.deletedAt === undefined && !opened.snapshot.suspended;
}

/** Reminds once: the row says so with the notification. What no longer holds when the time has come is passed over for good. */
export const remindDue = subscriber({
  name: 'savedMessages.remind',
  on: reminderDue,
  deps: {
    uow: unitOfWork({
      saved: SavedMessages,
      messages: Messages,
      conversations: Conversations,
      notifications: Notifications,
      users: Users,
      accounts: OwnAccounts,
    }),
    clock: Clock,
    ids: Ids,
  },
  run: ({ uow, ...ports }, { account, userId, messageId, remindAt }) =>
    uow.write(account, async (tx) => {
      if ((await tx.accounts.own()).suspendedAt !== undefined) return;
      if (!(await mayRead(tx, messageId, userId))) return;
      // A person who was deleted is not found.
      if ((await tx.users.lookup(userId)) === undefined) return;
      const saved = await tx.saved.lock(userId, messageId);
      const reminded = saved && SavedMessage.remind(saved, new Date(remindAt), ports.clock.now());
      if (reminded === undefined) return;
      await tx.saved.put(reminded);
      await tell(ports, tx, account, [aboutReminder(reminded)]);
      tellSaved(tx, reminded);
    }),
});
