import { Group } from '@coucou/domain/conversations/group';
import type { ConversationId, UserId } from '@coucou/domain/kernel/ids';
import { useCase } from '../kernel/use-case.ts';
import { unitOfWork } from '../ports/unit-of-work.ts';
import { memberUpdated } from './conversation-events.ts';
import { lockConversation } from './lock-conversation.ts';
import { Conversations } from './repositories.ts';

export const transferConversation = useCase({
  name: 'conversations.transfer',
  deps: { uow: unitOfWork({ conversations: Conversations }) },
  run: ({ uow }, input: Readonly<{ conversationId: ConversationId; userId: UserId }>, { account, actor }) =>
    uow.write(account, async (tx) => {
      const { conversation, member } = await lockConversation(tx, input.conversationId, [actor.userId, input.userId]);
      const change = Group.transfer(conversation, member(actor.userId), member(input.userId));
      await tx.conversations.updateMembers(change);
      tx.emit(...change.members.map((each) => memberUpdated({ conversation: change.conversation, member: each })));
    }),
});
