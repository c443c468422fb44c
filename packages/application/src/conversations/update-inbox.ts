import { Inbox, type Triage } from '@coucou/domain/conversations/inbox';
import type { ConversationId } from '@coucou/domain/kernel/ids';
import { userErrors } from '@coucou/domain/users/user';
import { useCase } from '../kernel/use-case.ts';
import { unitOfWork } from '../ports/unit-of-work.ts';
import { UserRelations, Users } from '../users/repositories.ts';
import { requireAllowed } from '../users/require-allowed.ts';
import { conversationUpdated } from './conversation-events.ts';
import { lockConversation } from './lock-conversation.ts';
import { Conversations } from './repositories.ts';

export type UpdateInbox = Triage & Readonly<{ conversationId: ConversationId }>;

export const updateInbox = useCase({
  name: 'inbox.update',
  deps: { uow: unitOfWork({ users: Users, conversations: Conversations, relations: UserRelations }) },
  run: ({ uow }, { conversationId, ...change }: UpdateInbox, { account, actor }) =>
    uow.write(account, async (tx) => {
      const named = [actor.userId, ...(change.assigneeId ? [change.assigneeId] : [])];
      const { conversation, member } = await lockConversation(tx, conversationId, named);
      const users = await tx.users.lookupMany(named);
      const by = { user: users.find((user) => user.id === actor.userId), member: member(actor.userId) };
      const triaged = Inbox.triage(conversation, by, change);
      if (change.assigneeId) {
        const assignee = users.find((user) => user.id === change.assigneeId);
        if (assignee === undefined) throw userErrors.USER_NOT_FOUND();
        const seat = member(assignee.id);
        // Refusing an unknown user would reveal that the user exists, which a block hides.
        if (!Inbox.isAssignable(assignee, seat)) await requireAllowed(tx, 'profile', actor.userId, [assignee.id]);
        Inbox.requireAssignable(assignee, seat);
      }
      if (triaged === undefined) return conversation;
      await tx.conversations.update(triaged);
      tx.emit(conversationUpdated({ conversation: triaged, triaged: true }));
      return triaged;
    }),
});
