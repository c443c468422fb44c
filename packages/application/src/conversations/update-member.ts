import { conversationActions } from '@coucou/domain/conversations/audit-actions';
import { conversationErrors } from '@coucou/domain/conversations/conversation';
import { Group } from '@coucou/domain/conversations/group';
import type { MemberRole } from '@coucou/domain/conversations/permissions';
import type { ConversationId, UserId } from '@coucou/domain/kernel/ids';
import { AuditLog } from '../audit/audit-log.ts';
import { auditPorts, recordAudit } from '../audit/record-audit.ts';
import { useCase } from '../kernel/use-case.ts';
import { unitOfWork } from '../ports/unit-of-work.ts';
import { Users } from '../users/repositories.ts';
import { memberUpdated } from './conversation-events.ts';
import type { MemberView } from './conversation-reader.ts';
import { lockConversation } from './lock-conversation.ts';
import { Conversations } from './repositories.ts';

export type UpdateMember = Readonly<{
  conversationId: ConversationId;
  userId: UserId;
  role?: MemberRole | undefined;
  /** RFC 3339; null ends the mute. */
  mutedUntil?: string | null | undefined;
}>;

export const updateMember = useCase({
  name: 'members.update',
  deps: { uow: unitOfWork({ conversations: Conversations, users: Users, auditLog: AuditLog }), ...auditPorts },
  run: ({ uow, ...ports }, input: UpdateMember, call) =>
    uow.write(call.account, async (tx): Promise<MemberView> => {
      const { actor } = call;
      const { conversation, member } = await lockConversation(tx, input.conversationId, [actor.userId, input.userId]);
      const { role, mutedUntil } = input;
      const changes = { role, mutedUntil: typeof mutedUntil === 'string' ? new Date(mutedUntil) : mutedUntil };
      const owners = await tx.conversations.countOwners(conversation.id);
      const before = member(input.userId);
      const change = Group.changeMember(conversation, member(actor.userId), before, changes, owners, ports.clock.now());
      const [after = before] = change?.members ?? [];
      const user = await tx.users.lookup(input.userId);
      if (after === undefined || user === undefined) throw conversationErrors.CONVERSATION_NOT_FOUND();
      if (change !== undefined) {
        await tx.conversations.updateMembers(change);
        const details = {
          conversationId: conversation.id,
          from: before?.role ?? after.role,
          to: after.role,
          mutedUntil: mutedUntil === undefined ? undefined : (mutedUntil ?? ''),
        };
        await recordAudit(ports, tx, call, conversationActions.member_changed, { target: input.userId, details });
        tx.emit(memberUpdated({ conversation: change.conversation, member: after }));
      }
      return { member: after, user };
    }),
});
