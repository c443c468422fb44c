import { wired } from '@coucou/application/kernel/event';
import * as events from '@coucou/application/messages/message-events';
import * as wire from '@coucou/contracts/messages/events';
import type { ConversationId } from '@coucou/domain/kernel/ids';
import { presentSharedMessage } from './presenters.ts';

/** A withheld change: the bare version. */
const bare = (
  { conversationId, version }: Readonly<{ conversationId: ConversationId; version: number }>,
  { at }: Readonly<{ at: string }>,
) => ({
  at,
  conversationId,
  version,
});

export const messageEvents = [
  wired(
    events.messagePosted,
    { 'message:new': wire.messageNew },
    {
      'message:new': ({ message }, { at }) => ({
        at,
        conversationId: message.conversationId,
        version: message.version,
        message: presentSharedMessage(message),
      }),
    },
  ),
  wired(
    events.messageUpdated,
    { 'message:updated': wire.messageUpdated },
    {
      'message:updated': ({ message, withheld }, { at }) => ({
        ...bare(message, { at }),
        ...(withheld ? {} : { message: presentSharedMessage(message) }),
      }),
    },
  ),
  wired(
    events.messageDeleted,
    { 'message:deleted': wire.messageDeleted, 'message:updated': wire.messageUpdated },
    {
      'message:deleted': ({ conversationId, version, messageId, seq, deletedAt }, { at }) => ({
        at,
        conversationId,
        version,
        messageId,
        seq,
        deletedAt: deletedAt.toISOString(),
      }),
      'message:updated': bare,
    },
  ),
  wired(
    events.reactionChanged,
    { 'reaction:changed': wire.reactionChanged, 'message:updated': wire.messageUpdated },
    {
      'reaction:changed': ({ conversationId, version, messageId, seq, emoji, userId, added, count }, { at }) => ({
        at,
        conversationId,
        version,
        messageId,
        seq,
        emoji,
        userId,
        added,
        count,
      }),
      'message:updated': bare,
    },
  ),
  wired(
    events.pinChanged,
    { 'pin:changed': wire.pinChanged, 'message:updated': wire.messageUpdated },
    {
      'pin:changed': ({ conversationId, version, messageId, seq, pinned, userId }, { at }) => ({
        at,
        conversationId,
        version,
        messageId,
        seq,
        pinned,
        userId,
      }),
      'message:updated': bare,
    },
  ),
  wired(events.messageExpires, {}, {}),
  wired(events.messageHidden, {}, {}),
  wired(events.messagesTrimmed, {}, {}),
];
