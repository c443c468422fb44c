import { Group } from '@coucou/domain/conversations/group';
import type { ConversationId } from '@coucou/domain/kernel/ids';
import { FriendRequests, Friendships } from '../friends/repositories.ts';
import { useCase } from '../kernel/use-case.ts';
import { Clock } from '../ports/clock.ts';
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
    }),
    clock: Clock,
  },
  run: ({ uow, clock }, input: Readonly<{ conversationId: ConversationId }>, { account, actor }) =>
    uow.write(account, async (tx) => {
      const { conversation, member } = await lockConversation(tx, input.conversationId, [actor.userId]);
      const closed = Group.close(conversation, member(actor.userId));
      const userIds = await tx.conversations.close(closed, clock.now());
      tx.emit(conversationDeleted({ conversation: closed, userIds }));
    }),
});
