import type { Conversation } from '../conversations/conversation.ts';

/** What is counted of a membership: see `unreadMessages`. */
export type UnreadCounts = Readonly<{
  /** Countable messages up to the mark. */
  unreadBase: number;
  /** Own countable messages after it. */
  ownSince: number;
}>;

/**
 * Unread are the countable messages after a member's mark that somebody else sent. The mark is what they have read, or the place from
 * which they marked it unread. Countable is what is neither a system message nor a reply in a thread; a later deletion changes nothing.
 * A subtraction, so that a conversation of any length costs the same: `countable` counts on the conversation, the rest on the membership.
 */
export const unreadMessages = ({ countable }: Pick<Conversation, 'countable'>, { unreadBase, ownSince }: UnreadCounts): number =>
  countable - unreadBase - ownSince;
