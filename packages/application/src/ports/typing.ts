import type { AccountId, ConversationId, Instant, UserId } from '@coucou/domain/kernel/ids';
import type { PostingSnapshot } from '@coucou/domain/messages/message';
import { token } from '../kernel/token.ts';

export type TypingContext = Readonly<{
  snapshot: PostingSnapshot;
  /** Members with a block between them and the person, in either direction. */
  blockedWith: readonly UserId[];
}>;

/** Asked at every key stroke; at most a second old. */
export interface TypingContexts {
  /** Undefined for non-members. */
  get(account: AccountId, conversation: ConversationId, user: UserId): Promise<TypingContext | undefined>;
}
export const TypingContexts = token<TypingContexts>('TypingContexts');

/** Throttles typing events. Lossy: what it does not remember passes. */
export interface TypingThrottle {
  /** Whether to send it: a start, a stop, or a repetition that is due. */
  admit(account: AccountId, conversation: ConversationId, user: UserId, isTyping: boolean, now: Instant): boolean;
}
export const TypingThrottle = token<TypingThrottle>('TypingThrottle');
