import { conversationNew, conversationRemoved, conversationUpdated, memberJoined, memberLeft, memberUpdated } from './conversations/events.ts';
import { authenticated, closing, connected, operationFailed } from './kernel/connection-events.ts';
import type { ServerEvent } from './kernel/event.ts';
import { messageDeleted, messageNew, messageUpdated, pinChanged, reactionChanged } from './messages/events.ts';
import { userEvent } from './users/events.ts';
import { syncRequired } from './sync/events.ts';

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
  conversationNew,
  conversationRemoved,
  memberJoined,
  memberLeft,
  memberUpdated,
  conversationUpdated,
  userEvent,
  syncRequired,
];
