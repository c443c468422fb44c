import { Conversation, conversationErrors } from '@coucou/domain/conversations/conversation';
import type { ConversationId, UserId } from '@coucou/domain/kernel/ids';
import { userErrors } from '@coucou/domain/users/user';
import { useCase } from '../kernel/use-case.ts';
import { Clock } from '../ports/clock.ts';
import { UnitOfWork } from '../ports/unit-of-work.ts';
import type { MemberView } from './conversation-reader.ts';

export type AddMembers = Readonly<{ conversationId: ConversationId; userIds: readonly UserId[] }>;

export const addMembers = useCase({
  name: 'members.add',
  deps: { uow: UnitOfWork, clock: Clock },
  run: ({ uow, clock }, input: AddMembers, { account, actor }) =>
    uow.write(account, async (tx): Promise<MemberView[]> => {
      const conversation = await tx.conversations.lock(input.conversationId);
      if (conversation === undefined) throw conversationErrors.CONVERSATION_NOT_FOUND();
      const rows = await tx.conversations.members(conversation.id, [actor.userId, ...input.userIds]);
      const by = rows.find((member) => member.userId === actor.userId);
      const admission = Conversation.admit(conversation, by, input.userIds, rows, clock.now());
      const users = new Map((await tx.users.lookupMany(input.userIds)).map((user) => [user.id, user]));
      const views = admission.members.map((member) => {
        const user = users.get(member.userId);
        if (user === undefined) throw userErrors.USER_NOT_FOUND();
        return { member, user };
      });
      await tx.conversations.admit(admission);
      tx.emit(...views.map(({ member, user }) => ({ type: 'member.joined', conversation: admission.conversation, member, user }) as const));
      return views;
    }),
});
