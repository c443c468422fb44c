import { conversationActions } from '@coucou/domain/conversations/audit-actions';
import { Group } from '@coucou/domain/conversations/group';
import type { ConversationId, UserId } from '@coucou/domain/kernel/ids';
import { AuditLog } from '../audit/audit-log.ts';
import { auditPorts, recordAudit } from '../audit/record-audit.ts';
import { useCase } from '../kernel/use-case.ts';
import { unitOfWork } from '../ports/unit-of-work.ts';
import { memberUpdated } from './conversation-events.ts';
import { lockConversation } from './lock-conversation.ts';
import { Conversations } from './repositories.ts';

export const transferConversation = useCase({
  name: 'conversations.transfer',
  deps: { uow: unitOfWork({ conversations: Conversations, auditLog: AuditLog }), ...auditPorts },
  run: ({ uow, ...ports }, input: Readonly<{ conversationId: ConversationId; userId: UserId }>, call) =>
    uow.write(call.account, async (tx) => {
      const { actor } = call;
      const { conversation, member } = await lockConversation(tx, input.conversationId, [actor.userId, input.userId]);
      const change = Group.transfer(conversation, member(actor.userId), member(input.userId));
      await tx.conversations.updateMembers(change);
      const details = { conversationId: conversation.id };
      await recordAudit(ports, tx, call, conversationActions.conversation_transferred, { target: input.userId, details });
      tx.emit(...change.members.map((each) => memberUpdated({ conversation: change.conversation, member: each })));
    }),
});
