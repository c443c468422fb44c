import type { AccountId, ConversationId, FriendRequestId, MessageId, NotificationId, UserId } from '@coucou/domain/kernel/ids';
import type { DomainEvent } from '@coucou/domain/domain-event';

/**
 * What the outbox keeps of a domain event: ids, so that a subscriber reads the state of the moment it runs. `id` is the outbox
 * row's, the same at every delivery.
 */
export type DurableEvent = Readonly<{ id: string; account: AccountId }> & DurableFact;

export type DurableFact =
  | Readonly<{ type: 'conversation.created'; conversationId: ConversationId; userIds: readonly UserId[] }>
  | Readonly<{ type: 'conversation.deleted'; conversationId: ConversationId }>
  /** `byId` is who brought them in; absent, they came by themselves. */
  | Readonly<{ type: 'member.joined'; conversationId: ConversationId; userId: UserId; byId?: UserId }>
  | Readonly<{ type: 'member.left'; conversationId: ConversationId; userId: UserId }>
  | Readonly<{ type: 'notification.created'; userId: UserId; notificationId: NotificationId }>
  /** One for all messages of a batch in one conversation; `messageIds` in order. */
  | Readonly<{ type: 'message.posted'; conversationId: ConversationId; messageIds: readonly MessageId[] }>
  | Readonly<{ type: 'friend.requested' | 'friend.accepted'; requestId: FriendRequestId; fromId: UserId; toId: UserId }>
  | Readonly<{ type: 'message.updated' | 'message.deleted'; conversationId: ConversationId; messageId: MessageId }>;

/** Undefined for events that nobody can subscribe to: they are state that a subscriber would read anyway. */
export function durableFact(event: DomainEvent): DurableFact | undefined {
  switch (event.type) {
    case 'conversation.created':
      return { type: event.type, conversationId: event.conversation.id, userIds: event.members.map((member) => member.userId) };
    case 'conversation.deleted':
      return { type: event.type, conversationId: event.conversation.id };
    case 'member.joined': {
      const by = event.by === undefined ? {} : { byId: event.by };
      return { type: event.type, conversationId: event.conversation.id, userId: event.member.userId, ...by };
    }
    case 'notification.created':
      return { type: event.type, userId: event.notification.userId, notificationId: event.notification.id };
    case 'member.left':
      return { type: event.type, conversationId: event.conversation.id, userId: event.member.userId };
    case 'message.posted':
      return { type: event.type, conversationId: event.message.conversationId, messageIds: [event.message.id] };
    case 'message.updated':
      return { type: event.type, conversationId: event.message.conversationId, messageId: event.message.id };
    case 'message.deleted':
      return { type: event.type, conversationId: event.conversationId, messageId: event.messageId };
    case 'friend.requested':
    case 'friend.accepted':
      return { type: event.type, requestId: event.request.id, fromId: event.request.fromId, toId: event.request.toId };
    case 'conversation.updated':
    case 'member.updated':
    case 'receipts.moved':
    case 'unread.changed':
    case 'typing.changed':
    case 'reaction.changed':
    case 'pin.changed':
    case 'user.event':
    case 'user.updated':
    case 'friend.rejected':
    case 'friend.cancelled':
    case 'friend.removed':
    case 'presence.changed':
      return undefined;
  }
}
