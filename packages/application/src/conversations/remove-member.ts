import { Conversation, conversationErrors } from '@coucou/domain/conversations/conversation';
import type { ConversationId, UserId } from '@coucou/domain/kernel/ids';
import { useCase } from '../kernel/use-case.ts';
import { Clock } from '../ports/clock.ts';
import { unitOfWork } from '../ports/unit-of-work.ts';
import { memberLeft } from './conversation-events.ts';
import { Conversations } from './repositories.ts';

export type RemoveMember = Readonly<{ conversationId: ConversationId; userId: UserId }>;

export const removeMember = useCase({
  name: 'members.remove',
  deps: { uow: unitOfWork({ conversations: Conversations }), clock: Clock },
  run: ({ uow, clock }, input: RemoveMember, { account, actor }) =>
    uow.write(account, async (tx) => {
      const conversation = await tx.conversations.lock(input.conversationId);
      if (conversation === undefined) throw conversationErrors.CONVERSATION_NOT_FOUND();
      const rows = await tx.conversations.members(conversation.id, [actor.userId, input.userId]);
      const [by, target] = [actor.userId, input.userId].map((id) => rows.find((member) => member.userId === id));
      const owners = await tx.conversations.countOwners(conversation.id);
      const departure = Conversation.remove(conversation, by, target, owners, clock.now());
      await tx.conversations.depart(departure);
      tx.emit(memberLeft({ ...departure }));
    }),
});
