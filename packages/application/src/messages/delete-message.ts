import type { MessageId } from '@coucou/domain/kernel/ids';
import { MessageChange } from '@coucou/domain/messages/message-change';
import { Sessions } from '../auth/repositories.ts';
import { Conversations } from '../conversations/repositories.ts';
import { useCase } from '../kernel/use-case.ts';
import { Clock } from '../ports/clock.ts';
import { unitOfWork } from '../ports/unit-of-work.ts';
import { Users } from '../users/repositories.ts';
import { feedEntryAdded } from '../users/user-events.ts';
import { messageDeleted, messageHidden } from './message-events.ts';
import { MessageSettings } from './message-settings.ts';
import { changeOf, openMessage } from './open-message.ts';
import { Messages } from './repositories.ts';

export type DeleteMessage = Readonly<{ messageId: MessageId; for: 'me' | 'everyone' }>;

/** Idempotent. */
export const deleteMessage = useCase({
  name: 'messages.delete',
  deps: {
    uow: unitOfWork({ messages: Messages, users: Users, sessions: Sessions, conversations: Conversations }),
    clock: Clock,
    settings: MessageSettings,
  },
  run: ({ uow, clock, settings }, input: DeleteMessage, { account, actor }) =>
    uow.write(account, async (tx) => {
      const opened = await openMessage(tx, input.messageId, actor.userId);
      const { id: messageId, conversationId, seq } = opened.message;
      if (input.for === 'me') {
        if (await tx.messages.hide(opened.message, actor.userId))
          tx.emit(
            feedEntryAdded({ userId: actor.userId, kind: 'message.hidden', payload: { conversationId, messageId, seq } }),
            messageHidden({ conversationId, seq, userId: actor.userId }),
          );
        return;
      }
      const deletedAt = clock.now();
      const deleted = MessageChange.deleteForEveryone(opened, settings.deleteWindowSeconds, deletedAt);
      if (deleted === undefined) return;
      await tx.messages.erase(deleted);
      const mentions = MessageChange.mentionsChanged(opened.message, deleted);
      tx.emit(messageDeleted({ ...changeOf(opened, deleted.version), messageId, seq, deletedAt, mentions }));
    }),
});
