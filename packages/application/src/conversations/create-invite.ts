import { Invite } from '@coucou/domain/conversations/invite';
import type { ConversationId } from '@coucou/domain/kernel/ids';
import { useCase } from '../kernel/use-case.ts';
import { Clock } from '../ports/clock.ts';
import { OpaqueTokens } from '../ports/tokens.ts';
import { unitOfWork } from '../ports/unit-of-work.ts';
import { lockConversation } from './lock-conversation.ts';
import { Conversations, Invites } from './repositories.ts';

export type CreateInvite = Readonly<{
  conversationId: ConversationId;
  expiresInSeconds?: number | undefined;
  maxUses?: number | undefined;
}>;

export const createInvite = useCase({
  name: 'invites.create',
  deps: { uow: unitOfWork({ invites: Invites, conversations: Conversations }), clock: Clock, tokens: OpaqueTokens },
  run({ uow, clock, tokens }, { conversationId, expiresInSeconds, maxUses }: CreateInvite, { account, actor }) {
    const terms = { secret: tokens.generate(), expiresInSeconds, maxUses, now: clock.now() };
    return uow.write(account, async (tx) => {
      const { conversation, member } = await lockConversation(tx, conversationId, [actor.userId]);
      const invite = Invite.create(conversation, member(actor.userId), terms);
      await tx.invites.add(invite);
      return invite;
    });
  },
});
