import { z } from 'zod';
import { fileUrls } from '../attachments/file-urls.ts';
import { counter, id, time } from '../kernel/types.ts';

export const MessageType = z.enum(['text', 'image', 'file', 'system', 'custom']);

export const AttachmentSummary = z
  .object({
    id: id('attachment'),
    name: z.string(),
    type: z.string().meta({ examples: ['image/png'] }),
    size: counter,
    width: z.int().optional(),
    height: z.int().optional(),
    hasThumbnail: z.boolean(),
  })
  .meta({ id: 'AttachmentSummary' });

/** In answers, for their caller alone. */
const SignedAttachment = AttachmentSummary.extend(fileUrls).meta({ id: 'SignedAttachment' });

export const ReplyPreview = z
  .object({
    id: id('message'),
    seq: counter,
    senderId: id('user'),
    type: MessageType,
    content: z.string().optional(),
    deletedAt: time.optional(),
  })
  .meta({ id: 'ReplyPreview' });

const fields = {
  id: id('message'),
  conversationId: id('conversation'),
  seq: counter.meta({ description: 'its number in the conversation: 1, 2, 3 … without gaps' }),
  version: counter.meta({ description: "the conversation's version at this message's last change" }),
  senderId: id('user'),
  clientMessageId: z.string(),
  type: MessageType,
  content: z.string().optional(),
  data: z.record(z.string(), z.unknown()).optional(),
  replyToId: id('message').optional(),
  replyTo: ReplyPreview.optional().meta({ description: 'the message replied to, as it is now' }),
  threadRootId: id('message').optional(),
  attachments: z.array(SignedAttachment).optional(),
  mentions: z.array(z.string()).optional().meta({ description: 'user ids, and "@all"' }),
  reactions: z
    .array(z.object({ emoji: z.string(), count: counter, mine: z.boolean().optional() }))
    .optional()
    .meta({ description: '`mine` in responses only, never in events' }),
  pinned: z.boolean().optional(),
  forwarded: z.boolean().optional(),
  createdAt: time,
  editedAt: time.optional(),
  deletedAt: time.optional().meta({ description: 'deleted for everyone: no content, data, mentions, attachments, reactions or pin' }),
  expiresAt: time.optional().meta({ description: 'when it is deleted for everyone by itself, within about a second' }),
};

/** Shapes that hold the fields of a message, and get the parts that features declare. */
const shapes: Record<string, z.ZodType>[] = [];

/** Whether a schema has read its fields: from then on it ignores fields that are added. */
let isRead = false;

/** A message with more fields. `Message.extend` would copy the shape before features have declared their parts. */
export const messageWith = <Extra extends Readonly<Record<string, z.ZodType>>>(extra: Extra): z.ZodObject<typeof fields & Extra> =>
  messageOf({ ...fields, ...extra });

function messageOf<Fields extends Readonly<Record<string, z.ZodType>>>(shape: Fields): z.ZodObject<Fields> {
  const noteReading = () => {
    isRead = true;
    return fields.id;
  };
  Object.defineProperty(shape, 'id', { enumerable: true, get: noteReading });
  shapes.push(shape);
  return z.object(shape);
}

export const Message = messageWith({}).meta({ id: 'Message' });

/** In events and pages of sync, which clients store and servers share between viewers: without the URLs of its files, which are neither's. */
export const StoredMessage = messageOf({ ...fields, attachments: z.array(AttachmentSummary).optional() }).meta({ id: 'StoredMessage' });

const parts = new Map<string, z.ZodType>();

/**
 * Adds an optional field to every message on the wire: the part that a feature shows of its own. A schema reads its fields when it is
 * first used, so parts are declared while a server is put together, before anything is parsed or documented: one for this whole process,
 * which throws when it comes too late. Declaring the same part again changes nothing; a name that is taken throws.
 */
export function declareMessagePart(name: string, schema: z.ZodType): void {
  if (parts.get(name) === schema) return;
  if (shapes.some((shape) => name in shape)) throw new Error(`messages have a field ${name} already`);
  if (isRead)
    throw new Error(`the message part ${name} is declared after messages were read; put together first what has the most features`);
  parts.set(name, schema);
  for (const shape of shapes) shape[name] = schema.optional();
}

export const isMessagePart = (name: string): boolean => parts.has(name);
