import { conversationErrors } from '@coucou/domain/conversations/conversation';
import type { ConversationId } from '@coucou/domain/kernel/ids';
import { useCase } from '../kernel/use-case.ts';
import { ConversationReader } from './conversation-reader.ts';

export const getConversation = useCase({
  name: 'conversations.get',
  deps: { reader: ConversationReader },
  async run({ reader }, input: Readonly<{ conversationId: ConversationId }>, { account, actor }) {
    const view = await reader.find(account, actor.userId, input.conversationId);
    if (view === undefined) throw conversationErrors.CONVERSATION_NOT_FOUND();
    return view;
  },
});
