import { Conversation } from '@coucou/domain/conversations/conversation';
import { errors } from '@coucou/domain/kernel/errors';
import type { ConversationId, UserId } from '@coucou/domain/kernel/ids';
import { useCase } from '../kernel/use-case.ts';
import { unitOfWork } from '../ports/unit-of-work.ts';
import { lockConversation } from './lock-conversation.ts';
import { Bans, Conversations } from './repositories.ts';

export const unbanMember = useCase({
  name: 'members.unban',
  deps: { uow: unitOfWork({ bans: Bans, conversations: Conversations }) },
  run: ({ uow }, input: Readonly<{ conversationId: ConversationId; userId: UserId }>, { account, actor }) =>
    uow.write(account, async (tx) => {
      const { conversation, member } = await lockConversation(tx, input.conversationId, [actor.userId]);
      Conversation.requirePermission(conversation, member(actor.userId), 'ban');
      if (!(await tx.bans.remove(conversation.id, input.userId))) throw errors.NOT_FOUND({ what: 'ban' });
    }),
});
