import type { AccountId, ConversationId, Instant, UserId } from '@coucou/domain/kernel/ids';
import type { PostingSnapshot } from '@coucou/domain/messages/message';
import { token } from '../kernel/token.ts';

export type TypingContext = Readonly<{
  snapshot: PostingSnapshot;
  /** Members with a block between them and the person, in either direction. */
  blockedWith: readonly UserId[];
}>;

/** What is asked at every key stroke, at most a second old. */
export interface TypingContexts {
  /** Undefined for those who are no members. */
  get(account: AccountId, conversation: ConversationId, user: UserId): Promise<TypingContext | undefined>;
}
export const TypingContexts = token<TypingContexts>('TypingContexts');

/** Keeps key strokes from becoming events. Forgetful: what it does not remember is let through. */
export interface TypingThrottle {
  /** Whether this is news: a beginning, an end, or a repetition that is due. */
  admit(account: AccountId, conversation: ConversationId, user: UserId, isTyping: boolean, now: Instant): boolean;
}
export const TypingThrottle = token<TypingThrottle>('TypingThrottle');
