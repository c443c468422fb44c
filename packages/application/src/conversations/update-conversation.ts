import { Group, type GroupChanges } from '@coucou/domain/conversations/group';
import type { ConversationId } from '@coucou/domain/kernel/ids';
import { useCase } from '../kernel/use-case.ts';
import { unitOfWork } from '../ports/unit-of-work.ts';
import { conversationUpdated } from './conversation-events.ts';
import { ConversationReader } from './conversation-reader.ts';
import { lockConversation } from './lock-conversation.ts';
import { readView } from './read-view.ts';
import { Conversations } from './repositories.ts';

export type UpdateConversation = GroupChanges & Readonly<{ conversationId: ConversationId }>;

export const updateConversation = useCase({
  name: 'conversations.update',
  deps: { uow: unitOfWork({ conversations: Conversations }), reader: ConversationReader },
  async run({ uow, reader }, { conversationId, ...changes }: UpdateConversation, call) {
    const { account, actor } = call;
    await uow.write(account, async (tx) => {
      const { conversation, member } = await lockConversation(tx, conversationId, [actor.userId]);
      const updated = Group.update(conversation, member(actor.userId), changes);
      if (updated === undefined) return;
      await tx.conversations.update(updated);
      tx.emit(conversationUpdated({ conversation: updated }));
    });
    return readView(reader, call, conversationId);
  },
});
