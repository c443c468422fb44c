import { conversationErrors } from '@coucou/domain/conversations/conversation';
import type { ConversationId, UserId } from '@coucou/domain/kernel/ids';
import type { Message } from '@coucou/domain/messages/message';
import { type Highlight, SearchTerms } from '@coucou/domain/messages/search-terms';
import { ConversationReader, type Page } from '../conversations/conversation-reader.ts';
import { useCase } from '../kernel/use-case.ts';
import { type Having, MessageSearchReader } from './message-search-reader.ts';

export type SearchMessages = Readonly<{
  q: string;
  conversationId?: ConversationId | undefined;
  from?: UserId | undefined;
  before?: string | undefined;
  after?: string | undefined;
  has?: Having | undefined;
  limit: number;
  cursor?: string | undefined;
}>;

export type FoundMessage = Readonly<{ message: Message; highlights: readonly Highlight[] }>;

const instant = (value: string | undefined): Date | undefined => (value === undefined ? undefined : new Date(value));

export const searchMessages = useCase({
  name: 'messages.search',
  deps: { searcher: MessageSearchReader, conversations: ConversationReader },
  async run({ searcher, conversations }, input: SearchMessages, { account, actor }): Promise<Page<FoundMessage>> {
    const terms = SearchTerms.parse(input.q);
    const { conversationId, from, has, limit, cursor } = input;
    if (conversationId !== undefined && (await conversations.find(account, actor.userId, conversationId)) === undefined)
      throw conversationErrors.CONVERSATION_NOT_FOUND();
    const search = { ...terms, conversationId, from, has, before: instant(input.before), after: instant(input.after) };
    const page = await searcher.search(account, actor.userId, search, { limit, cursor });
    return {
      items: page.items.map((message) => ({ message, highlights: SearchTerms.highlight(message.content ?? '', terms) })),
      nextCursor: page.nextCursor,
    };
  },
});
