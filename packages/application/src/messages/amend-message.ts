import type { ConversationRepository } from '@coucou/domain/conversations/conversation-repository';
import type { ConversationId, MessageId } from '@coucou/domain/kernel/ids';
import { type Message, messageErrors } from '@coucou/domain/messages/message';
import { type ChangeableMessage, MessageChange } from '@coucou/domain/messages/message-change';
import type { MessageRepository } from '@coucou/domain/messages/message-repository';
import type { Writing } from '../ports/unit-of-work.ts';
import { messageUpdated } from './message-events.ts';

type Amending = Writing<Readonly<{ messages: MessageRepository }>>;

/** A message for a change that the system makes, its conversation locked. Undefined when it is gone. */
export async function lockMessage(
  tx: Readonly<{ messages: MessageRepository; conversations: ConversationRepository }>,
  conversationId: ConversationId,
  id: MessageId,
): Promise<ChangeableMessage | undefined> {
  const conversation = await tx.conversations.lock(conversationId);
  const found = conversation && (await tx.messages.lookup(conversation, id));
  return found?.message.deletedAt === undefined ? found : undefined;
}

/**
 * The entry point for features with a message part: changes that part, under the conversation's lock that `message`
 * was opened under, with one version and one `message:updated`. `value` is what goes over the wire, plain JSON, the same for every
 * viewer; the feature declares its schema in `messageParts`. Throws `MESSAGE_NOT_FOUND` for a deleted message.
 */
export async function amendMessage(tx: Amending, message: ChangeableMessage | undefined, part: string, value: unknown): Promise<Message> {
  if (message === undefined) throw messageErrors.MESSAGE_NOT_FOUND();
  const amended = MessageChange.amend(message, part, value);
  await tx.messages.amend(amended);
  const { accessVersion } = message.conversation;
  tx.emit(messageUpdated({ message: amended, accessVersion, withheld: message.withheld }));
  return amended;
}
