import { Conversation, conversationErrors } from '@coucou/domain/conversations/conversation';
import type { ConversationId } from '@coucou/domain/kernel/ids';
import { useCase } from '../kernel/use-case.ts';
import { Clock } from '../ports/clock.ts';
import { unitOfWork } from '../ports/unit-of-work.ts';
import { memberLeft } from './conversation-events.ts';
import { Conversations } from './repositories.ts';

export const leaveConversation = useCase({
  name: 'conversations.leave',
  deps: { uow: unitOfWork({ conversations: Conversations }), clock: Clock },
  run: ({ uow, clock }, input: Readonly<{ conversationId: ConversationId }>, { account, actor }) =>
    uow.write(account, async (tx) => {
      const conversation = await tx.conversations.lock(input.conversationId);
      if (conversation === undefined) throw conversationErrors.CONVERSATION_NOT_FOUND();
      const [member] = await tx.conversations.members(conversation.id, [actor.userId]);
      const owners = await tx.conversations.countOwners(conversation.id);
      const departure = Conversation.leave(conversation, member, owners, clock.now());
      await tx.conversations.depart(departure);
      tx.emit(memberLeft({ ...departure }));
    }),
});
