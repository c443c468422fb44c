import type { WrittenMessage } from '@coucou/application/messages/message-hooks';
import type { ConversationType } from '@coucou/domain/conversations/permissions';
import type { AccountId, ConversationId, UserId } from '@coucou/domain/kernel/ids';

/** The request payload of a hook, as JSON. Names are those of the API. */
export type Question = Readonly<{
  /** `edit`: of the content of a message that is stored. */
  action: 'send' | 'edit';
  /** By an administrator, who wants to know what would be answered. */
  test?: true;
  accountId: AccountId;
  conversation: Readonly<{ id: ConversationId; type: ConversationType }>;
  senderId: UserId;
  message: object;
}>;

export const isEdit = (message: WrittenMessage): boolean => 'seq' in message;

/** Every field by name: what features show in a message is theirs, and URLs of files are for who asks for them. */
export const questionOf = (message: WrittenMessage, type: ConversationType): Question => ({
  action: isEdit(message) ? 'edit' : 'send',
  accountId: message.accountId,
  conversation: { id: message.conversationId, type },
  senderId: message.senderId,
  message: {
    // Of a new message nobody knows yet whether it is the one that is stored under its `clientMessageId`.
    id: isEdit(message) ? message.id : undefined,
    clientMessageId: message.clientMessageId,
    type: message.type,
    content: message.content,
    data: message.data,
    attachments: message.attachments.map(({ id, name, type: kind, size, width, height }) => ({
      id,
      name,
      type: kind,
      size,
      width,
      height,
    })),
    mentions: [...message.mentions, ...(message.mentionAll ? ['@all'] : [])],
    replyToId: message.replyTo?.id,
    threadRootId: message.threadRoot?.id,
    forwarded: message.forwarded,
  },
});
