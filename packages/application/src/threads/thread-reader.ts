import type { AccountId, ConversationId, MessageId, UserId } from '@coucou/domain/kernel/ids';
import type { Message } from '@coucou/domain/messages/message';
import type { Page, PageRequest } from '../conversations/conversation-reader.ts';
import { token } from '../kernel/token.ts';

/** A thread as one member sees it. */
export type Thread = Readonly<{
  root: Message;
  replyCount: number;
  lastReplySeq: number;
  /** The viewer's read mark; 0 when never set. */
  readSeq: number;
  /** Replies of others after that, and after the viewer joined; counted up to a bound. */
  unread: number;
}>;

export interface ThreadReader {
  /** Messages with replies, most recent reply first; undefined for non-members. */
  list(account: AccountId, viewer: UserId, conversation: ConversationId, page: PageRequest): Promise<Page<Thread> | undefined>;
  /** The thread that a message is the root of, and its replies in order; undefined where the viewer may not see the root. */
  find(
    account: AccountId,
    viewer: UserId,
    root: MessageId,
    page: PageRequest,
  ): Promise<(Thread & Readonly<{ replies: Page<Message> }>) | undefined>;
}
export const ThreadReader = token<ThreadReader>('ThreadReader');
