import { conversationActions } from '@coucou/domain/conversations/audit-actions';
import { Conversation, conversationErrors } from '@coucou/domain/conversations/conversation';
import type { ConversationId, UserId } from '@coucou/domain/kernel/ids';
import { AuditLog } from '../audit/audit-log.ts';
import { auditPorts, recordAudit } from '../audit/record-audit.ts';
import { useCase } from '../kernel/use-case.ts';
import { unitOfWork } from '../ports/unit-of-work.ts';
import { memberLeft } from './conversation-events.ts';
import { Conversations } from './repositories.ts';

export type RemoveMember = Readonly<{ conversationId: ConversationId; userId: UserId }>;

export const removeMember = useCase({
  name: 'members.remove',
  deps: { uow: unitOfWork({ conversations: Conversations, auditLog: AuditLog }), ...auditPorts },
  run: ({ uow, ...ports }, input: RemoveMember, call) =>
    uow.write(call.account, async (tx) => {
      const { actor } = call;
      const conversation = await tx.conversations.lock(input.conversationId);
      if (conversation === undefined) throw conversationErrors.CONVERSATION_NOT_FOUND();
      const rows = await tx.conversations.members(conversation.id, [actor.userId, input.userId]);
      const [by, target] = [actor.userId, input.userId].map((id) => rows.find((member) => member.userId === id));
      const owners = await tx.conversations.countOwners(conversation.id);
      const departure = Conversation.remove(conversation, by, target, owners, ports.clock.now());
      await tx.conversations.depart(departure);
      const details = { conversationId: conversation.id };
      await recordAudit(ports, tx, call, conversationActions.member_removed, { target: input.userId, details });
      tx.emit(memberLeft({ ...departure }));
    }),
});
