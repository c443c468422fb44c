import { attachmentErrors } from '@coucou/domain/attachments/attachment';
import { errors } from '@coucou/domain/kernel/errors';
import type { AccountId, AttachmentId, ConversationId, MessageId, UserId } from '@coucou/domain/kernel/ids';
import { type MessageContent, messageErrors } from '@coucou/domain/messages/message';
import type { MessageReader } from './message-reader.ts';

export type NamedReferences = Readonly<{
  replyToId?: MessageId | undefined;
  threadRootId?: MessageId | undefined;
  attachmentIds?: readonly AttachmentId[] | undefined;
  mentions?: readonly (UserId | '@all')[] | undefined;
}>;

type References = Pick<MessageContent, 'replyTo' | 'threadRoot' | 'attachments' | 'mentions' | 'mentionAll'> &
  Readonly<{ accessVersion: number | undefined }>;

const NONE: References = {
  accessVersion: undefined,
  replyTo: undefined,
  threadRoot: undefined,
  attachments: [],
  mentions: [],
  mentionAll: false,
};

/**
 * Finds what a message refers to and refuses what its sender may not refer to; a plain message costs no query. `members` are known to be
 * such, or will be where the conversation is still to be opened.
 */
export async function resolveReferences(
  reader: MessageReader,
  { accountId, conversationId, senderId }: Readonly<{ accountId: AccountId; conversationId: ConversationId; senderId: UserId }>,
  named: NamedReferences,
  members: readonly UserId[] = [],
): Promise<References> {
  const mentions = (named.mentions ?? []).filter((mention): mention is UserId => mention !== '@all');
  const known = mentions.filter((id) => members.includes(id));
  const people = mentions.filter((id) => !members.includes(id));
  const attachmentIds = named.attachmentIds ?? [];
  const mentionAll = mentions.length < (named.mentions?.length ?? 0);
  if (named.replyToId === undefined && named.threadRootId === undefined && attachmentIds.length === 0 && people.length === 0)
    return { ...NONE, mentions: known, mentionAll };
  const found = await reader.references(accountId, senderId, conversationId, {
    replyToId: named.replyToId,
    threadRootId: named.threadRootId,
    attachmentIds,
    mentions: people,
  });
  if (named.replyToId !== undefined && found.replyTo === undefined) throw messageErrors.MESSAGE_NOT_FOUND({ field: 'replyToId' });
  if (named.threadRootId !== undefined && found.threadRoot === undefined) throw messageErrors.MESSAGE_NOT_FOUND({ field: 'threadRootId' });
  if (found.threadRoot?.inThread)
    throw errors.VALIDATION_FAILED([
      { path: ['threadRootId'], rule: 'root', message: 'A reply within a thread cannot start another thread.' },
    ]);
  if (found.attachments.length < attachmentIds.length) throw attachmentErrors.ATTACHMENT_NOT_FOUND({ field: 'attachmentIds' });
  const strangers = people.filter((id) => !found.mentions.includes(id));
  if (strangers.length > 0) throw messageErrors.MENTION_INVALID({ userIds: strangers });
  const threadRoot = found.threadRoot && { id: found.threadRoot.id, seq: found.threadRoot.seq };
  return { ...found, threadRoot, mentions: [...known, ...found.mentions], mentionAll };
}
