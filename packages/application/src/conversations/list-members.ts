import { conversationErrors } from '@coucou/domain/conversations/conversation';
import type { ConversationId } from '@coucou/domain/kernel/ids';
import { useCase } from '../kernel/use-case.ts';
import { ConversationReader } from './conversation-reader.ts';

export type ListMembers = Readonly<{ conversationId: ConversationId; limit: number; cursor?: string | undefined }>;

export const listMembers = useCase({
  name: 'members.list',
  deps: { reader: ConversationReader },
  async run({ reader }, input: ListMembers, { account, actor }) {
    const page = await reader.listMembers(account, actor.userId, input.conversationId, { limit: input.limit, cursor: input.cursor });
    if (page === undefined) throw conversationErrors.CONVERSATION_NOT_FOUND();
    return page;
  },
});
