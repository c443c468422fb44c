import type { Conversation, InboxStatus, Member } from '@coucou/domain/conversations/conversation';
import type { AccountId, ConversationId, Instant, UserId } from '@coucou/domain/kernel/ids';
import type { Message } from '@coucou/domain/messages/message';
import type { User } from '@coucou/domain/users/user';
import { token } from '../kernel/token.ts';

/** A conversation as one of its members sees it. */
export type ConversationView = Readonly<{
  conversation: Conversation;
  membership: Member &
    Readonly<{
      archived: boolean;
      pinned: boolean;
      notifyMutedUntil: Instant | undefined;
      notify: 'all' | 'mentions' | 'none';
      unreadFromSeq: number | undefined;
    }>;
  lastMessage: Message | undefined;
  unread: Unread;
  /** The other user of a direct conversation. */
  peer: User | undefined;
}>;

export type Unread = Readonly<{ messages: number; mentions: number }>;

export type MemberView = Readonly<{ member: Member; user: User }>;

export type Page<Item> = Readonly<{ items: readonly Item[]; nextCursor: string | undefined }>;
export type PageRequest = Readonly<{ limit: number; cursor: string | undefined }>;

/** Filter of the viewer's conversations; archived ones only on request. */
export type InboxFilter = Readonly<{
  filter?: 'unread' | 'archived' | 'pinned' | 'mine' | InboxStatus | undefined;
  assigneeId?: UserId | undefined;
  label?: string | undefined;
}>;

/** Screens of conversations; each method is one query. A cursor of another list throws `CURSOR_INVALID`. */
export interface ConversationReader {
  /** Undefined for non-members. */
  find(account: AccountId, viewer: UserId, id: ConversationId): Promise<ConversationView | undefined>;
  /** The viewer's conversations, most recently active first. */
  list(account: AccountId, viewer: UserId, page: PageRequest, filter?: InboxFilter): Promise<Page<ConversationView>>;
  /** The validator of the first page of such a list. */
  validateList(account: AccountId, viewer: UserId, limit: number, filter?: InboxFilter): Promise<string>;
  /** Present members in order of joining; undefined when the viewer is none. */
  listMembers(account: AccountId, viewer: UserId, id: ConversationId, page: PageRequest): Promise<Page<MemberView> | undefined>;
}
export const ConversationReader = token<ConversationReader>('ConversationReader');
