import { conversationNew, conversationRemoved, memberJoined, memberLeft, memberUpdated } from './conversations/events.ts';
import { authenticated, closing, connected, operationFailed } from './kernel/connection-events.ts';
import type { ServerEvent } from './kernel/event.ts';
import { messageNew } from './messages/events.ts';
import { syncRequired } from './sync/events.ts';

/** Every event the server sends; operations are listed by the modules that bind them. */
export const serverEvents: readonly ServerEvent[] = [
  connected,
  authenticated,
  closing,
  operationFailed,
  messageNew,
  conversationNew,
  conversationRemoved,
  memberJoined,
  memberLeft,
  memberUpdated,
  syncRequired,
];
