import { conversationActions } from '@coucou/domain/conversations/audit-actions';
import { Conversation } from '@coucou/domain/conversations/conversation';
import { errors } from '@coucou/domain/kernel/errors';
import type { ConversationId, UserId } from '@coucou/domain/kernel/ids';
import { AuditLog } from '../audit/audit-log.ts';
import { auditPorts, recordAudit } from '../audit/record-audit.ts';
import { useCase } from '../kernel/use-case.ts';
import { unitOfWork } from '../ports/unit-of-work.ts';
import { lockConversation } from './lock-conversation.ts';
import { Bans, Conversations } from './repositories.ts';

export const unbanMember = useCase({
  name: 'members.unban',
  deps: { uow: unitOfWork({ bans: Bans, conversations: Conversations, auditLog: AuditLog }), ...auditPorts },
  run: ({ uow, ...ports }, input: Readonly<{ conversationId: ConversationId; userId: UserId }>, call) =>
    uow.write(call.account, async (tx) => {
      const { actor } = call;
      const { conversation, member } = await lockConversation(tx, input.conversationId, [actor.userId]);
      Conversation.requirePermission(conversation, member(actor.userId), 'ban');
      if (!(await tx.bans.remove(conversation.id, input.userId))) throw errors.NOT_FOUND({ what: 'ban' });
      const details = { conversationId: conversation.id };
      await recordAudit(ports, tx, call, conversationActions.member_unbanned, { target: input.userId, details });
    }),
});
