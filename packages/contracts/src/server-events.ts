import {
  conversationNew,
  conversationRemoved,
  conversationUpdated,
  inboxUpdated,
  memberJoined,
  memberLeft,
  memberUpdated,
} from './conversations/events.ts';
import { authenticated, closing, connected, operationFailed } from './kernel/connection-events.ts';
import { friendAccepted, friendCancelled, friendRejected, friendRemoved, friendRequested } from './friends/events.ts';
import type { ServerEvent } from './kernel/event.ts';
import { messageDeleted, messageNew, messageUpdated, pinChanged, reactionChanged } from './messages/events.ts';
import { notificationNew } from './notifications/notification.ts';
import { presenceChanged } from './presence/presence.ts';
import { receiptUpdated, unreadUpdated } from './receipts/events.ts';
import { typing } from './typing/typing.ts';
import { userEvent, userUpdated } from './users/events.ts';
import { heads, syncRequired } from './sync/events.ts';

/** Every event the server sends; operations are listed by the modules that bind them. */
export const serverEvents: readonly ServerEvent[] = [
  connected,
  authenticated,
  closing,
  operationFailed,
  messageNew,
  messageUpdated,
  messageDeleted,
  reactionChanged,
  pinChanged,
  receiptUpdated,
  unreadUpdated,
  typing,
  conversationNew,
  conversationRemoved,
  memberJoined,
  memberLeft,
  memberUpdated,
  conversationUpdated,
  inboxUpdated,
  userEvent,
  userUpdated,
  friendRequested,
  friendAccepted,
  friendRejected,
  friendCancelled,
  friendRemoved,
  presenceChanged,
  notificationNew,
  syncRequired,
  heads,
];
