import { errors } from '../kernel/errors.ts';
import type { ConversationId, Instant, UserId } from '../kernel/ids.ts';
import { limits } from '../kernel/limits.ts';
import { isSame } from '../kernel/same.ts';
import { future } from '../kernel/time.ts';
import { messageErrors } from '../messages/message.ts';
import { Conversation, conversationErrors } from './conversation.ts';

export type Notify = 'all' | 'mentions' | 'none';

/** The private part of a membership: visible to the member only, and without a version of the conversation. */
export type Membership = Readonly<{
  conversationId: ConversationId;
  userId: UserId;
  joinedSeq: number;
  readSeq: number;
  leftAt: Instant | undefined;
  archived: boolean;
  pinned: boolean;
  /** Muted notifications; not to be confused with the moderator's mute. */
  notifyMutedUntil: Instant | undefined;
  notify: Notify;
  /** Marked unread from here, whatever was read. */
  unreadFromSeq: number | undefined;
  /** Countable messages up to the effective read mark. */
  unreadBase: number;
  /** Own countable messages after it. */
  ownSince: number;
}>;

export type MembershipChanges = Readonly<{
  archived?: boolean | undefined;
  pinned?: boolean | undefined;
  mutedUntil?: Instant | null | undefined;
  notify?: Notify | undefined;
}>;

function requirePresent(membership: Membership | undefined): Membership {
  if (membership === undefined || membership.leftAt !== undefined) throw conversationErrors.CONVERSATION_NOT_FOUND();
  return membership;
}

/** Undefined when nothing changes. */
function arrange(own: Membership | undefined, changes: MembershipChanges, now: Instant): Membership | undefined {
  const membership = requirePresent(own);
  const after: Membership = {
    ...membership,
    archived: changes.archived ?? membership.archived,
    pinned: changes.pinned ?? membership.pinned,
    notify: changes.notify ?? membership.notify,
    notifyMutedUntil: changes.mutedUntil === undefined ? membership.notifyMutedUntil : future(changes.mutedUntil, now),
  };
  return isSame(after, membership) ? undefined : after;
}

/** Throws `MESSAGE_NOT_FOUND` where the member sees no message, and refuses to count from too far back. */
function requireMarkable(conversation: Conversation, own: Membership | undefined, fromSeq: number): Membership {
  const membership = requirePresent(own);
  if (fromSeq > conversation.lastSeq || fromSeq < Conversation.visibleFrom(conversation, membership.joinedSeq))
    throw messageErrors.MESSAGE_NOT_FOUND();
  if (conversation.lastSeq - fromSeq >= limits.markUnread)
    throw errors.VALIDATION_FAILED([
      { path: ['fromSeq'], rule: 'too_small', message: `Only the last ${limits.markUnread} messages can be marked unread.` },
    ]);
  return membership;
}

/**
 * `base` and `ownSince` are counted in the messages: countable ones before `fromSeq`, own countable ones from there on. Undefined when
 * nothing changes.
 */
function markUnread(
  membership: Membership,
  fromSeq: number,
  { base, ownSince }: Readonly<{ base: number; ownSince: number }>,
): Membership | undefined {
  const after = { ...membership, unreadFromSeq: fromSeq, unreadBase: base, ownSince };
  return isSame(after, membership) ? undefined : after;
}

export const Membership = { arrange, requireMarkable, markUnread };
