import type { MessageId } from '@coucou/domain/kernel/ids';
import { messageActions } from '@coucou/domain/messages/audit-actions';
import { MessageChange } from '@coucou/domain/messages/message-change';
import { AuditLog } from '../audit/audit-log.ts';
import { auditPorts, recordAudit } from '../audit/record-audit.ts';
import { Sessions } from '../auth/repositories.ts';
import { Conversations } from '../conversations/repositories.ts';
import { useCase } from '../kernel/use-case.ts';
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
    uow: unitOfWork({ messages: Messages, users: Users, sessions: Sessions, conversations: Conversations, auditLog: AuditLog }),
    ...auditPorts,
    settings: MessageSettings,
  },
  run: ({ uow, settings, ...ports }, input: DeleteMessage, call) =>
    uow.write(call.account, async (tx) => {
      const { actor } = call;
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
      const deletedAt = ports.clock.now();
      const deleted = MessageChange.deleteForEveryone(opened, settings.deleteWindowSeconds, deletedAt);
      if (deleted === undefined) return;
      await tx.messages.erase(deleted);
      const { senderId: authorId } = opened.message;
      if (authorId !== actor.userId)
        await recordAudit(ports, tx, call, messageActions.message_removed, { target: messageId, details: { conversationId, authorId } });
      const mentions = MessageChange.mentionsChanged(opened.message, deleted);
      tx.emit(messageDeleted({ ...changeOf(opened, deleted.version), messageId, seq, deletedAt, mentions }));
    }),
});
