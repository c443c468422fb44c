import { z } from 'zod';
import { event } from '../kernel/event.ts';
import { counter, id, time } from '../kernel/types.ts';
import { StoredMessage } from './message.ts';

export const messageNew = event('message:new', 'A message was posted.', {
  conversationId: id('conversation'),
  version: counter,
  message: StoredMessage,
});

const conversationId = id('conversation');
const place = { conversationId, version: counter, messageId: id('message'), seq: counter };

export const messageUpdated = event(
  'message:updated',
  'A message was edited. Without `message`: something changed that not every member may see (history "joined"); ask sync.',
  { conversationId, version: counter, message: StoredMessage.optional() },
);
export const messageDeleted = event(
  'message:deleted',
  'A message was deleted for everyone: what it said, its mentions, attachments, reactions and pin are gone.',
  { ...place, deletedAt: time },
);
export const reactionChanged = event('reaction:changed', 'A reaction was added or removed.', {
  ...place,
  emoji: z.string(),
  userId: id('user'),
  added: z.boolean(),
  count: counter,
});
export const pinChanged = event('pin:changed', 'A message was pinned or unpinned.', { ...place, pinned: z.boolean(), userId: id('user') });
