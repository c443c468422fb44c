import { conversationActions } from '@coucou/domain/conversations/audit-actions';
import { Group } from '@coucou/domain/conversations/group';
import type { ConversationId, UserId } from '@coucou/domain/kernel/ids';
import { userErrors } from '@coucou/domain/users/user';
import { AuditLog } from '../audit/audit-log.ts';
import { auditPorts, recordAudit } from '../audit/record-audit.ts';
import { useCase } from '../kernel/use-case.ts';
import { unitOfWork } from '../ports/unit-of-work.ts';
import { UserRelations, Users } from '../users/repositories.ts';
import { requireAllowed } from '../users/require-allowed.ts';
import type { BanView } from './ban-reader.ts';
import { memberLeft } from './conversation-events.ts';
import { lockConversation } from './lock-conversation.ts';
import { Bans, Conversations } from './repositories.ts';

export type BanMember = Readonly<{
  conversationId: ConversationId;
  userId: UserId;
  reason?: string | undefined;
  /** RFC 3339; absent: permanent. */
  expiresAt?: string | undefined;
}>;

export const banMember = useCase({
  name: 'members.ban',
  deps: {
    uow: unitOfWork({ users: Users, bans: Bans, conversations: Conversations, relations: UserRelations, auditLog: AuditLog }),
    ...auditPorts,
  },
  run: ({ uow, ...ports }, input: BanMember, call) =>
    uow.write(call.account, async (tx): Promise<BanView> => {
      const { actor } = call;
      const { userId, reason, expiresAt } = input;
      const { conversation, member } = await lockConversation(tx, input.conversationId, [actor.userId, userId]);
      const terms = { reason, expiresAt: expiresAt === undefined ? undefined : new Date(expiresAt) };
      const { ban, departure } = Group.ban(
        conversation,
        member(actor.userId),
        { userId, member: member(userId) },
        terms,
        ports.clock.now(),
      );
      const user = await tx.users.lookup(userId);
      if (user === undefined) throw userErrors.USER_NOT_FOUND();
      // The answer shows the user: banning a non-member in advance requires that the actor may see them.
      if (member(userId) === undefined) await requireAllowed(tx, 'profile', actor.userId, [userId]);
      await tx.bans.put(ban);
      const details = { conversationId: conversation.id, until: terms.expiresAt?.toISOString() };
      await recordAudit(ports, tx, call, conversationActions.member_banned, { target: userId, details });
      if (departure !== undefined) {
        await tx.conversations.depart(departure);
        tx.emit(memberLeft({ ...departure }));
      }
      return { ban, user };
    }),
});
