import type { AccountId, ConversationId, Instant, UserId } from '@coucou/domain/kernel/ids';
import type { PostingSnapshot } from '@coucou/domain/messages/message';
import { token } from '../kernel/token.ts';

export type TypingContext = Readonly<{
  snapshot: PostingSnapshot;
  memberCount: number;
  /** Members with a block between them and the person, in either direction. */
  blockedWith: readonly UserId[];
}>;

/** Asked at every key stroke; at most half a second old. */
export interface TypingContexts {
  /** Undefined for non-members. */
  get(account: AccountId, conversation: ConversationId, user: UserId): Promise<TypingContext | undefined>;
}
export const TypingContexts = token<TypingContexts>('TypingContexts');

/** What is shown of a typist, and to whom. */
export type TypingSignal = Readonly<{
  conversationId: ConversationId;
  userId: UserId;
  isTyping: boolean;
  expiresAt: Instant;
  /** Every member, as of an access version, or the watchers alone. */
  to: Readonly<{ accessVersion: number }> | 'watchers';
  /** Excluded: the typist, and users with a block between them. */
  except: readonly UserId[];
}>;

/** Throttles typing events. Lossy: what it does not remember passes. */
export interface TypingThrottle {
  /** Whether to send it: a start, a stop, or a repetition that is due. */
  admit(account: AccountId, signal: TypingSignal, now: Instant): boolean;
  /** A message of the typist ended it: what was sent last, if it still shows. The next start is sent at once. */
  end(account: AccountId, conversation: ConversationId, user: UserId, now: Instant): TypingSignal | undefined;
}
export const TypingThrottle = token<TypingThrottle>('TypingThrottle');
