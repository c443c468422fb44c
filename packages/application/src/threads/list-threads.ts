import { conversationErrors } from '@coucou/domain/conversations/conversation';
import type { ConversationId } from '@coucou/domain/kernel/ids';
import { useCase } from '../kernel/use-case.ts';
import { ThreadReader } from './thread-reader.ts';

export type ListThreads = Readonly<{ conversationId: ConversationId; limit: number; cursor?: string | undefined }>;

export const listThreads = useCase({
  name: 'threads.list',
  deps: { reader: ThreadReader },
  async run({ reader }, { conversationId, limit, cursor }: ListThreads, { account, actor }) {
    const page = await reader.list(account, actor.userId, conversationId, { limit, cursor });
    if (page === undefined) throw conversationErrors.CONVERSATION_NOT_FOUND();
    return page;
  },
});
