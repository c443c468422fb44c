import { conversationDeleted } from '@coucou/application/conversations/conversation-events';
import { subscriber } from '@coucou/application/kernel/subscriber';
import { useCase } from '@coucou/application/kernel/use-case';
import { Notifications } from '@coucou/application/notifications/repositories';
import { unitOfWork } from '@coucou/application/ports/unit-of-work';
import type { MessageId } from '@coucou/domain/kernel/ids';
import { withdrawReminder } from './reminder-notification.ts';
import { tellRemoved } from './saved-message-events.ts';
import { SavedMessages } from './saved-message-repository.ts';

/** Also what the person can no longer read. */
export const removeSaved = useCase({
  name: 'savedMessages.delete',
  deps: { uow: unitOfWork({ saved: SavedMessages, notifications: Notifications }) },
  run: ({ uow }, { messageId }: Readonly<{ messageId: MessageId }>, { account, actor: { userId } }) =>
    uow.write(account, async (tx) => {
      const removed = await tx.saved.remove(userId, messageId);
      if (removed === undefined) return;
      await withdrawReminder(tx, removed);
      tellRemoved(tx, removed);
    }),
});

/** So many in one transaction: thousands of people may have saved something in a group. */
const MOST_AT_ONCE = 200;

/**
 * Nobody comes back to a deleted conversation, so what was saved in it goes. What was saved of a message that was deleted alone stays, with
 * the person's own note, and shows that the message is not available.
 */
export const removeOfConversation = subscriber({
  name: 'savedMessages.conversationDeleted',
  on: conversationDeleted,
  deps: { uow: unitOfWork({ saved: SavedMessages }) },
  async run({ uow }, { account, conversationId }) {
    const round = () =>
      uow.write(account, async (tx) => {
        const removed = await tx.saved.removeOf(conversationId, MOST_AT_ONCE);
        for (const saved of removed) tellRemoved(tx, saved);
        return removed.length;
      });
    while ((await round()) === MOST_AT_ONCE);
  },
});
