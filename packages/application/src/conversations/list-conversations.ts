import { useCase } from '../kernel/use-case.ts';
import { ConversationReader, type InboxFilter } from './conversation-reader.ts';

export type ListConversations = InboxFilter & Readonly<{ limit: number; cursor?: string | undefined }>;

export const listConversations = useCase({
  name: 'conversations.list',
  deps: { reader: ConversationReader },
  run: ({ reader }, { limit, cursor, ...filter }: ListConversations, { account, actor }) =>
    reader.list(account, actor.userId, { limit, cursor }, filter),
});
