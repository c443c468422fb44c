import { limits } from '@coucou/domain/kernel/limits';
import { z } from 'zod';
import { externalId } from '../accounts/users.ts';
import { email, username } from '../auth/signup.ts';
import { ConversationSettings, Visibility } from '../conversations/conversation.ts';
import { description, title } from '../conversations/create-conversation.ts';
import { customData, givenTime, httpUrl, line, text } from '../kernel/types.ts';
import { emoji } from '../messages/emoji.ts';

/**
 * The lines of an export, format `coucou-export` version 1: one JSON object a line, the header first. Ids are those of the system that wrote
 * the file and mean nothing here; a line names only what earlier lines have described.
 */

/** An id of the source, any text. */
const source = externalId;
/** Beside the file of lines: `files/<name>`, no folder below. */
const file = z
  .string()
  .max(512)
  .regex(/^files\/[^/\\\0]+$/, 'is a path files/<name>')
  .refine((path) => !/^files\/\.+$/.test(path), { error: 'is a path files/<name>' });
const flag = z.boolean().default(false);

export const HeaderLine = z.strictObject({
  type: z.literal('header'),
  format: z.literal('coucou-export'),
  version: z.literal(1),
  /** What wrote it. */
  source: line({ min: 1, max: 255 }).optional(),
  createdAt: givenTime.optional(),
});

export const UserLine = z.strictObject({
  type: z.literal('user'),
  id: source,
  username,
  displayName: line({ min: 1, max: limits.displayName }).optional(),
  email: email.optional(),
  emailVerified: flag,
  externalId: externalId.optional(),
  role: z.enum(['owner', 'admin', 'member', 'guest']).default('member'),
  avatarUrl: httpUrl.optional(),
  bio: text({ max: limits.bio }).optional(),
  custom: customData.optional(),
  /** argon2 (PHC), bcrypt or scrypt. */
  passwordHash: z.string().max(512).optional(),
  createdAt: givenTime.optional(),
  suspended: flag,
});

export const DirectLine = z.strictObject({
  type: z.literal('conversation'),
  id: source,
  kind: z.literal('direct'),
  people: z.tuple([source, source]).refine(([a, b]) => a !== b, { error: 'are two people' }),
  createdAt: givenTime,
});

export const GroupLine = z.strictObject({
  type: z.literal('conversation'),
  id: source,
  kind: z.literal('group'),
  title,
  description: description.optional(),
  visibility: Visibility.default('private'),
  avatarUrl: httpUrl.optional(),
  custom: customData.optional(),
  settings: ConversationSettings.partial().strict().optional(),
  createdBy: source,
  createdAt: givenTime,
});

/** In a group; the two of a direct conversation are its `people`. */
export const MemberLine = z.strictObject({
  type: z.literal('member'),
  conversation: source,
  user: source,
  role: z.enum(['owner', 'admin', 'moderator', 'member']).default('member'),
  joinedAt: givenTime.optional(),
});

export const AttachmentLine = z.strictObject({
  type: z.literal('attachment'),
  id: source,
  owner: source,
  name: line({ min: 1, max: 255 }),
  file,
});

/** Longer than a message that is sent here: other systems allow more. */
const LONGEST_TEXT = 20_000;

export const MessageLine = z.strictObject({
  type: z.literal('message'),
  id: source,
  conversation: source,
  author: source,
  createdAt: givenTime,
  kind: z.enum(['text', 'image', 'file', 'system', 'custom']).default('text'),
  text: text({ min: 1, max: LONGEST_TEXT }).optional(),
  data: customData.optional(),
  replyTo: source.optional(),
  /** The message whose thread it is in. */
  thread: source.optional(),
  mentions: z.array(source).max(limits.mentions).default([]),
  mentionAll: flag,
  attachments: z.array(source).max(limits.attachments).default([]),
  forwarded: flag,
  editedAt: givenTime.optional(),
  /** Deleted for everyone: its content is left out. */
  deletedAt: givenTime.optional(),
  pinnedAt: givenTime.optional(),
  pinnedBy: source.optional(),
});

export const ReactionLine = z.strictObject({
  type: z.literal('reaction'),
  conversation: source,
  message: source,
  user: source,
  emoji,
  createdAt: givenTime.optional(),
});

/** How far somebody has read; without one, everything that is imported counts as read. `read: null`: nothing. */
export const ReceiptLine = z.strictObject({
  type: z.literal('receipt'),
  conversation: source,
  user: source,
  read: source.nullable(),
});

/** Every line but the header. */
export const ExchangeLine = z.discriminatedUnion('type', [
  UserLine,
  z.discriminatedUnion('kind', [DirectLine, GroupLine]),
  MemberLine,
  AttachmentLine,
  MessageLine,
  ReactionLine,
  ReceiptLine,
]);
