import type { MessageRepository } from '@coucou/domain/messages/message-repository';
import type { ConversationRepository } from '@coucou/domain/conversations/conversation-repository';
import type { MessageId, UserId } from '@coucou/domain/kernel/ids';
import { messageErrors } from '@coucou/domain/messages/message';
import type { OpenedMessage } from '@coucou/domain/messages/message-change';

/**
 * A message by its id, as the user sees it, its conversation locked for a change. Throws `MESSAGE_NOT_FOUND`, also for a
 * message that the user may not see.
 */
export async function openMessage(
  tx: Readonly<{ messages: MessageRepository; conversations: ConversationRepository }>,
  id: MessageId,
  viewer: UserId,
  { lock = true } = {},
): Promise<OpenedMessage> {
  const conversationId = await tx.messages.conversationOf(id, viewer);
  const conversation = conversationId && (await tx.conversations[lock ? 'lock' : 'lookup'](conversationId));
  const opened = conversation && (await tx.messages.open(conversation, id, viewer));
  if (!opened) throw messageErrors.MESSAGE_NOT_FOUND();
  return opened;
}

/** Where and when a change took place. */
export const changeOf = ({ conversation, withheld }: OpenedMessage, version: number) => ({
  conversationId: conversation.id,
  version,
  accessVersion: conversation.accessVersion,
  withheld,
});
