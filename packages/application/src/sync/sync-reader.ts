import type { Conversation } from '@coucou/domain/conversations/conversation';
import type { AccountId, ConversationId, UserId } from '@coucou/domain/kernel/ids';
import type { Message } from '@coucou/domain/messages/message';
import type { Receipt } from '@coucou/domain/receipts/receipt';
import type { FeedEntry, FeedPlan } from '@coucou/domain/sync/feed';
import type { PagePlan } from '@coucou/domain/sync/pages';
import type { ConversationView, MemberView, Unread } from '../conversations/conversation-reader.ts';
import { token } from '../kernel/token.ts';

/** A conversation as it is now, as seen by the viewer, who is a member. */
export type ConversationState = Readonly<{
  conversation: Conversation;
  /** The version that last changed the conversation's own fields. */
  changedVersion: number;
  membership: ConversationView['membership'];
  unread: Unread;
  /** The viewer sees no message up to this seq. */
  floor: number;
}>;

export type PageRows = Readonly<{ messages: readonly Message[]; members: readonly MemberView[]; receipts: readonly Receipt[] }>;

export type Head = readonly [id: ConversationId, version: number, receiptsVersion: number];

/** Rows of one moment, in one transaction. Each answers for all conversations together; calls made at once share a round trip. */
export interface SyncMoment {
  /** Without those that the viewer is not a member of. */
  conversations(ids: readonly ConversationId[]): Promise<ReadonlyMap<ConversationId, ConversationState>>;
  /** What the plans ask for; an entry for every plan. */
  rows(plans: readonly PagePlan[]): Promise<ReadonlyMap<ConversationId, PageRows>>;
  /** Of the viewer's own feed; `current` is its version. */
  feed(plan: FeedPlan): Promise<Readonly<{ current: number; entries: readonly FeedEntry[] }>>;
  /** The viewer's conversations but those named, by their ids, a page of them. Throws `CURSOR_INVALID`. */
  heads(
    but: readonly ConversationId[],
    cursor: string | undefined,
  ): Promise<Readonly<{ heads: readonly Head[]; headsCursor: string | undefined }>>;
}

export interface SyncReader {
  /** Identifies this life of the database; it changes with a restore. */
  readonly epoch: string;
  read<T>(account: AccountId, viewer: UserId, work: (moment: SyncMoment) => Promise<T>): Promise<T>;
}
export const SyncReader = token<SyncReader>('SyncReader');
