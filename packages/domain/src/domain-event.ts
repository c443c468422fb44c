import type { ConversationEvent } from './conversations/conversation-events.ts';
import type { FriendEvent } from './friends/friend-events.ts';
import type { MessageEvent } from './messages/message-events.ts';
import type { NotificationEvent } from './notifications/notification-events.ts';
import type { PresenceEvent } from './presence/presence.ts';
import type { ReceiptEvent } from './receipts/receipt-events.ts';
import type { TypingEvent } from './typing/typing-events.ts';
import type { UserFeedEvent, UserUpdatedEvent } from './users/user-events.ts';

/** What became true. Emitted in the transaction that made it so, or not at all. */
export type DomainEvent =
  | NotificationEvent
  | ConversationEvent
  | MessageEvent
  | UserFeedEvent
  | UserUpdatedEvent
  | FriendEvent
  | PresenceEvent
  | ReceiptEvent
  | TypingEvent;
