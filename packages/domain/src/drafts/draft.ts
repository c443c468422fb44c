import type { ConversationId, Instant, MessageId, UserId } from '../kernel/ids.ts';

/** What a person has begun to write in a conversation; seen by nobody else. */
export type Draft = Readonly<{
  conversationId: ConversationId;
  userId: UserId;
  content: string;
  replyToId: MessageId | undefined;
  updatedAt: Instant;
}>;
