import { Conversations } from '@coucou/application/conversations/repositories';
import { useCase } from '@coucou/application/kernel/use-case';
import { openMessage } from '@coucou/application/messages/open-message';
import { Messages } from '@coucou/application/messages/repositories';
import { Notifications } from '@coucou/application/notifications/repositories';
import { Clock } from '@coucou/application/ports/clock';
import { unitOfWork } from '@coucou/application/ports/unit-of-work';
import { Users } from '@coucou/application/users/repositories';
import type { MessageId, UserId } from '@coucou/domain/kernel/ids';
import { messageErrors } from '@coucou/domain/messages/message';
import type { UserRepository } from '@coucou/domain/users/user-repository';
import { SavedMessage } from '../domain/saved-message.ts';
import { withdrawReminder } from './reminder-notification.ts';
import { reminderDue, tellSaved } from './saved-message-events.ts';
import { type SavedMessageRepository, SavedMessages } from './saved-message-repository.ts';

export type SaveMessage = Readonly<{
  messageId: MessageId;
  note?: string | null | undefined;
  /** RFC 3339. */
  remindAt?: string | null | undefined;
}>;

/** What was saved before. Where nothing was, there is room for one more until the unit of work ends. */
async function lockSaved(
  tx: Readonly<{ saved: SavedMessageRepository; users: UserRepository }>,
  userId: UserId,
  messageId: MessageId,
): Promise<SavedMessage | undefined> {
  const before = await tx.saved.lock(userId, messageId);
  if (before !== undefined) return before;
  // Of two calls that would both be the last within the limit one waits for the other, which may have saved this very message.
  await tx.users.lock([userId]);
  const since = await tx.saved.lock(userId, messageId);
  if (since === undefined) SavedMessage.requireRoom(await tx.saved.count(userId));
  return since;
}

/** Only of what the person can read now. A change that changes nothing emits nothing. */
export const saveMessage = useCase({
  name: 'savedMessages.put',
  deps: {
    uow: unitOfWork({
      saved: SavedMessages,
      messages: Messages,
      conversations: Conversations,
      notifications: Notifications,
      users: Users,
    }),
    clock: Clock,
  },
  run: ({ uow, clock }, { messageId, note, remindAt }: SaveMessage, { account, actor: { userId } }): Promise<SavedMessage> =>
    uow.write(account, async (tx) => {
      const { message } = await openMessage(tx, messageId, userId, { lock: false });
      if (message.deletedAt !== undefined) throw messageErrors.MESSAGE_NOT_FOUND();
      const { accountId, conversationId, seq } = message;
      const wanted = { note, remindAt: typeof remindAt === 'string' ? new Date(remindAt) : remindAt };
      const before = await lockSaved(tx, userId, messageId);
      const after =
        before === undefined
          ? SavedMessage.save({ accountId, userId, messageId, conversationId, seq }, wanted, clock.now())
          : (SavedMessage.change(before, wanted, clock.now()) ?? before);
      if (after === before) return after;
      await tx.saved.put(after);
      tellSaved(tx, after);
      if (after.remindAt?.getTime() === before?.remindAt?.getTime()) return after;
      if (before !== undefined) await withdrawReminder(tx, before);
      if (after.remindAt !== undefined) tx.emit(reminderDue({ saved: after, remindAt: after.remindAt }));
      return after;
    }),
});
