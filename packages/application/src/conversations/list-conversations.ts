import { useCase } from '../kernel/use-case.ts';
import { ConversationReader } from './conversation-reader.ts';

export const listConversations = useCase({
  name: 'conversations.list',
  deps: { reader: ConversationReader },
  run: ({ reader }, input: Readonly<{ limit: number; cursor?: string | undefined }>, { account, actor }) =>
    reader.list(account, actor.userId, { limit: input.limit, cursor: input.cursor }),
});
