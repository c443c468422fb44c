import { Invite } from '@coucou/domain/conversations/invite';
import type { ConversationId } from '@coucou/domain/kernel/ids';
import { useCase } from '../kernel/use-case.ts';
import { Clock } from '../ports/clock.ts';
import { unitOfWork } from '../ports/unit-of-work.ts';
import { lockConversation } from './lock-conversation.ts';
import { Conversations, Invites } from './repositories.ts';

export const revokeInvite = useCase({
  name: 'invites.revoke',
  deps: { uow: unitOfWork({ invites: Invites, conversations: Conversations }), clock: Clock },
  run: ({ uow, clock }, input: Readonly<{ conversationId: ConversationId; code: string }>, { account, actor }) =>
    uow.write(account, async (tx) => {
      const { conversation, member } = await lockConversation(tx, input.conversationId, [actor.userId]);
      const invite = Invite.revoke(conversation, member(actor.userId), await tx.invites.lookup(input.code), clock.now());
      await tx.invites.update(invite);
    }),
});
