import type { AccountId, ConversationId, MessageId, UserId } from '@coucou/domain/kernel/ids';
import type { DomainEvent } from '@coucou/domain/domain-event';

/**
 * What the outbox keeps of a domain event: ids, so that a subscriber reads the state of the moment it runs. `id` is the outbox
 * row's, the same at every delivery.
 */
export type DurableEvent = Readonly<{ id: string; account: AccountId }> & DurableFact;

export type DurableFact =
  | Readonly<{ type: 'conversation.created'; conversationId: ConversationId; userIds: readonly UserId[] }>
  | Readonly<{ type: 'member.joined'; conversationId: ConversationId; userId: UserId }>
  | Readonly<{ type: 'member.left'; conversationId: ConversationId; userId: UserId }>
  /** One for all messages of a batch in one conversation; `messageIds` in order. */
  | Readonly<{ type: 'message.posted'; conversationId: ConversationId; messageIds: readonly MessageId[] }>;

export function durableFact(event: DomainEvent): DurableFact {
  switch (event.type) {
    case 'conversation.created':
      return { type: event.type, conversationId: event.conversation.id, userIds: event.members.map((member) => member.userId) };
    case 'member.joined':
    case 'member.left':
      return { type: event.type, conversationId: event.conversation.id, userId: event.member.userId };
    case 'message.posted':
      return { type: event.type, conversationId: event.message.conversationId, messageIds: [event.message.id] };
  }
}
