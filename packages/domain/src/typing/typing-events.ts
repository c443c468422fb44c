import type { ConversationId, Instant, UserId } from '../kernel/ids.ts';

/** Somebody types, or stopped; it is stored nowhere and ends by itself at `expiresAt`. */
export type TypingEvent = Readonly<{
  type: 'typing.changed';
  conversationId: ConversationId;
  userId: UserId;
  isTyping: boolean;
  expiresAt: Instant;
  /** Who is not told: the person themself, and those with a block between them. */
  except: readonly UserId[];
}>;
