import type { SignFile } from '@coucou/application/ports/file-urls';
import type { FormerContent, HistoryPage } from '@coucou/application/messages/message-reader';
import type { listMessages } from '@coucou/contracts/messages/list-messages';
import type { FormerContent as WireFormerContent } from '@coucou/contracts/messages/message-history';
import { isMessagePart, type Message as WireMessage, type StoredMessage as WireStored } from '@coucou/contracts/messages/message';
import type { AttachmentSummary, Message, MessageParts, ReplyPreview } from '@coucou/domain/messages/message';
import type { z } from 'zod';
import { presentUrls } from '../attachments/presenters.ts';

const orNothing = <T>(items: readonly T[]): T[] | undefined => (items.length === 0 ? undefined : [...items]);

const presentAttachment = (attachment: AttachmentSummary) => ({
  id: attachment.id,
  name: attachment.name,
  type: attachment.type,
  size: attachment.size,
  width: attachment.width,
  height: attachment.height,
  hasThumbnail: attachment.hasThumbnail,
});

const presentReply = (reply: ReplyPreview) => ({
  id: reply.id,
  seq: reply.seq,
  senderId: reply.senderId,
  type: reply.type,
  content: reply.content,
  deletedAt: reply.deletedAt?.toISOString(),
});

type Wire = z.infer<typeof WireMessage>;
type Stored = z.infer<typeof WireStored>;

/** Parts were presented by their features when stored. Parts of features that this server lacks are kept, but not shown. */
const presentParts = (parts: MessageParts): object => Object.fromEntries(Object.entries(parts).filter(([name]) => isMessagePart(name)));

type Reactions = Stored['reactions'];

const present = <File>(message: Message, reactions: Reactions, presentFile: (file: AttachmentSummary) => File) => ({
  ...(message.parts && presentParts(message.parts)),
  id: message.id,
  conversationId: message.conversationId,
  seq: message.seq,
  version: message.version,
  senderId: message.senderId,
  clientMessageId: message.clientMessageId,
  type: message.type,
  content: message.content,
  data: message.data,
  replyToId: message.replyTo?.id,
  replyTo: message.replyTo && presentReply(message.replyTo),
  threadRootId: message.threadRoot?.id,
  attachments: orNothing(message.attachments.map(presentFile)),
  mentions: orNothing([...message.mentions, ...(message.mentionAll ? ['@all'] : [])]),
  reactions,
  pinned: message.pinned || undefined,
  forwarded: message.forwarded || undefined,
  createdAt: message.createdAt.toISOString(),
  editedAt: message.editedAt?.toISOString(),
  deletedAt: message.deletedAt?.toISOString(),
  expiresAt: message.expiresAt?.toISOString(),
});

/** The fields that are the same for every viewer; events carry these. */
export const presentSharedMessage = (message: Message): Stored =>
  present(message, orNothing(message.reactions.map(({ emoji, count }) => ({ emoji, count }))), presentAttachment);

/** With whether a reaction is the viewer's own. */
const reactionsOf = ({ reactions }: Message): Reactions => orNothing(reactions.map(({ emoji, count, mine }) => ({ emoji, count, mine })));

/** To one viewer who stores it: pages of sync. */
export const presentStoredMessage = (message: Message): Stored => present(message, reactionsOf(message), presentAttachment);

/** To one viewer, with URLs of its files that are theirs alone: answers. */
export const signedMessage =
  (sign: SignFile) =>
  (message: Message): Wire =>
    present(message, reactionsOf(message), (file) => ({ ...presentAttachment(file), ...presentUrls(sign(file)) }));

export const signedHistory =
  (sign: SignFile) =>
  (page: HistoryPage): z.infer<NonNullable<(typeof listMessages)['output']>> => ({
    items: page.items.map(signedMessage(sign)),
    hasBefore: page.hasBefore,
    hasAfter: page.hasAfter,
  });

export const presentFormerContent = (former: FormerContent): z.infer<typeof WireFormerContent> => ({
  content: former.content,
  editedAt: former.editedAt.toISOString(),
  editedBy: former.editedBy,
});
