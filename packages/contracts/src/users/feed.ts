import { limits } from '@coucou/domain/kernel/limits';
import { z } from 'zod';
import { counter, id, idList, time } from '../kernel/types.ts';
import { Preferences } from '../preferences/preferences.ts';

const person = z.object({ userId: id('user') });
const request = z.object({ requestId: id('friendRequest'), userId: id('user'), direction: z.enum(['incoming', 'outgoing']) });

/** Payload of each kind of feed entry: state, so that applying an entry twice is harmless. */
export const feedPayloads = {
  'block.added': person,
  'block.removed': person,
  'draft.updated': z.object({
    conversationId: id('conversation'),
    content: z.string().optional(),
    replyToId: id('message').optional(),
    updatedAt: time.optional(),
  }),
  'friend.removed': person,
  'friend_request.accepted': request,
  'friend_request.cancelled': request,
  'friend_request.pending': request,
  'friend_request.rejected': request,
  'membership.updated': z.object({
    conversationId: id('conversation'),
    archived: z.boolean(),
    pinned: z.boolean(),
    notify: z.enum(['all', 'mentions', 'none']),
    mutedUntil: time.optional(),
    unreadFromSeq: counter.optional(),
    unread: counter,
  }),
  'message.hidden': z.object({ conversationId: id('conversation'), messageId: id('message'), seq: counter }),
  'notification.created': z.object({ notificationId: id('notification'), kind: z.string() }),
  'notification.removed': z.object({ notificationId: id('notification') }),
  'notifications.read': z.object({ ids: idList('notification', limits.batch).optional(), upTo: id('notification').optional() }),
  'preferences.updated': z.object({ preferences: Preferences }),
  'profile.updated': z.object({
    displayName: z.string(),
    avatarUrl: z.string().nullable(),
    bio: z.string().nullable(),
    custom: z.record(z.string(), z.unknown()).nullable(),
  }),
  'scheduled.updated': z.object({
    scheduledMessageId: id('scheduledMessage'),
    conversationId: id('conversation'),
    state: z.enum(['scheduled', 'sent', 'failed', 'deleted']),
    sendAt: time.optional(),
    messageId: id('message').optional(),
    code: z.string().optional(),
  }),
  'sign_in.updated': z.object({ username: z.string(), email: z.string().nullable(), emailVerified: z.boolean() }),
  'thread.read': z.object({ conversationId: id('conversation'), rootId: id('message'), readSeq: counter }),
} as const satisfies Readonly<Record<string, z.ZodObject>>;

const fieldsOf = ({ shape }: z.ZodObject): string =>
  Object.entries(shape)
    .map(([name, field]) => (field.safeParse(undefined).success ? `${name}?` : name))
    .join(', ');

const added = new Map<string, z.ZodObject>();

/**
 * Adds a kind of entry with its payload, while a server is put together. Declaring the same again changes nothing; a kind that is taken
 * throws.
 */
export function declareFeedEntry(kind: string, payload: z.ZodObject): void {
  if (added.get(kind) === payload) return;
  if (kind in feedPayloads || added.has(kind)) throw new Error(`feeds have entries of the kind ${kind} already`);
  added.set(kind, payload);
}

/** For those who read the documents: every kind with its fields. */
const described = (): string =>
  [...Object.entries(feedPayloads), ...added].map(([kind, payload]) => `${kind} {${fieldsOf(payload)}}`).join(';\n');

/** What an entry says, in real time and in `sync` alike. */
export const feedFields = {
  kind: z.string().meta({ description: 'ignore those that you do not know', examples: ['block.added'] }),
  payload: z.record(z.string(), z.unknown()).meta({
    // Read when the documents are made: features have declared theirs by then.
    get description() {
      return `by kind:\n${described()}`;
    },
  }),
};
