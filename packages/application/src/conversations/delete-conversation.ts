import { conversationActions } from '@coucou/domain/conversations/audit-actions';
import { Group } from '@coucou/domain/conversations/group';
import type { ConversationId } from '@coucou/domain/kernel/ids';
import { AuditLog } from '../audit/audit-log.ts';
import { auditPorts, recordAudit } from '../audit/record-audit.ts';
import { FriendRequests, Friendships } from '../friends/repositories.ts';
import { useCase } from '../kernel/use-case.ts';
import { unitOfWork } from '../ports/unit-of-work.ts';
import { UserRelations, Users } from '../users/repositories.ts';
import { conversationDeleted } from './conversation-events.ts';
import { lockConversation } from './lock-conversation.ts';
import { Conversations } from './repositories.ts';

/** A soft delete: the rows stay for audits, and no operation finds them. */
export const deleteConversation = useCase({
  name: 'conversations.delete',
  deps: {
    uow: unitOfWork({
      conversations: Conversations,
      friendRequests: FriendRequests,
      relations: UserRelations,
      users: Users,
      friendships: Friendships,
      auditLog: AuditLog,
    }),
    ...auditPorts,
  },
  run: ({ uow, ...ports }, input: Readonly<{ conversationId: ConversationId }>, call) =>
    uow.write(call.account, async (tx) => {
      const { conversation, member } = await lockConversation(tx, input.conversationId, [call.actor.userId]);
      const closed = Group.close(conversation, member(call.actor.userId));
      const userIds = await tx.conversations.close(closed, ports.clock.now());
      await recordAudit(ports, tx, call, conversationActions.conversation_deleted, { target: closed.id });
      tx.emit(conversationDeleted({ conversation: closed, userIds }));
    }),
});
