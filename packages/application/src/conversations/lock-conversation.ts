import type { ConversationRepository } from '@coucou/domain/conversations/conversation-repository';
import { type Conversation, conversationErrors, type Member } from '@coucou/domain/conversations/conversation';
import type { ConversationId, UserId } from '@coucou/domain/kernel/ids';

export type Locked = Readonly<{ conversation: Conversation; rows: readonly Member[]; member: (userId: UserId) => Member | undefined }>;

/** The conversation, locked until the unit of work ends, and the memberships of these users. Throws `CONVERSATION_NOT_FOUND`. */
export async function lockConversation(
  tx: Readonly<{ conversations: ConversationRepository }>,
  id: ConversationId,
  userIds: readonly UserId[],
): Promise<Locked> {
  const conversation = await tx.conversations.lock(id);
  if (conversation === undefined) throw conversationErrors.CONVERSATION_NOT_FOUND();
  const rows = await tx.conversations.members(id, userIds);
  return { conversation, rows, member: (userId) => rows.find((row) => row.userId === userId) };
}
