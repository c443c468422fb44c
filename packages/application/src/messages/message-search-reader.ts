import type { AccountId, ConversationId, Instant, UserId } from '@coucou/domain/kernel/ids';
import type { Message } from '@coucou/domain/messages/message';
import type { SearchTerms } from '@coucou/domain/messages/search-terms';
import type { Page, PageRequest } from '../conversations/conversation-reader.ts';
import { token } from '../kernel/token.ts';

export type Having = 'attachment' | 'image' | 'link' | 'mention';

/** `before` and `after` are exclusive. */
export type MessageQuery = SearchTerms &
  Readonly<{
    conversationId: ConversationId | undefined;
    from: UserId | undefined;
    before: Instant | undefined;
    after: Instant | undefined;
    has: Having | undefined;
  }>;

/** Search lags behind sends by the outbox delay; former and deleted content is never found. */
export interface MessageSearchReader {
  /**
   * What the viewer may see, newest first. A cursor of another list throws `CURSOR_INVALID`. Where the words are common but matches are
   * rare, a page ends early, even empty, with a cursor to continue from.
   */
  search(account: AccountId, viewer: UserId, search: MessageQuery, page: PageRequest): Promise<Page<Message>>;
}
export const MessageSearchReader = token<MessageSearchReader>('MessageSearchReader');
