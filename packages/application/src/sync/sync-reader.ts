import type { Conversation } from '@coucou/domain/conversations/conversation';
import type { AccountId, ConversationId, Instant, UserId } from '@coucou/domain/kernel/ids';
import type { Message } from '@coucou/domain/messages/message';
import type { Receipt } from '@coucou/domain/receipts/receipt';
import type { ConversationView, MemberView, Unread } from '../conversations/conversation-reader.ts';
import { token } from '../kernel/token.ts';

/** What a client holds of a conversation; without a version it asks for a window of the newest messages. */
export type Held = Readonly<{ id: ConversationId; version: number | undefined; receiptsVersion?: number | undefined }>;

export type SyncRequest = Readonly<{
  /** Of the client's copy; another one than the server's resets everything. */
  epoch: string | undefined;
  /** The version held of one's own feed; undefined asks for the current one. */
  userVersion?: number | undefined;
  conversations: readonly Held[];
  /** Rows over all conversations. */
  limit: number;
  headsCursor: string | undefined;
}>;

export type ConversationChanges =
  | Readonly<{ id: ConversationId; removed: true }>
  | Readonly<{
      id: ConversationId;
      removed: false;
      /** As of this page: a version boundary. */
      version: number;
      conversation: Conversation;
      /** Whether the conversation's own fields changed within the page. */
      conversationChanged: boolean;
      /** The viewer's own, as it is now, whatever the page: some of it changes by what takes no entry in their feed. */
      membership: ConversationView['membership'];
      unread: Unread;
      messages: readonly Message[];
      members: readonly MemberView[];
      /** Moved since; state, whatever the page. */
      receipts: readonly Receipt[];
      reset: boolean;
      hasMore: boolean;
    }>;

export type Head = readonly [id: ConversationId, version: number, receiptsVersion: number];

export type FeedEntry = Readonly<{ version: number; kind: string; payload: Readonly<Record<string, unknown>>; at: Instant }>;

/** Of one's own feed: entries after the version held, in order; `version` is as of the last one. */
export type FeedPage = Readonly<{
  version: number;
  events: readonly FeedEntry[];
  hasMore: boolean;
  /** The log does not lead on from the version held: what the feed tells of has to be read anew. */
  reset: boolean;
}>;

export type SyncPage = Readonly<{
  epoch: string;
  user: FeedPage;
  conversations: readonly ConversationChanges[];
  /** The viewer's conversations that were not named. */
  heads: readonly Head[];
  headsCursor: string | undefined;
}>;

/** Complete or refused, never partial: all kinds of rows of a page are of one moment. The number of queries is constant. */
export interface SyncReader {
  sync(account: AccountId, viewer: UserId, request: SyncRequest): Promise<SyncPage>;
}
export const SyncReader = token<SyncReader>('SyncReader');
