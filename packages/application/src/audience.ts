import type { DomainEvent } from '@coucou/domain/domain-event';
import type { ConversationId, UserId } from '@coucou/domain/kernel/ids';

/** Who is told of an event, and under which name. */
export type Announcement = Readonly<{
  event:
    | 'message:new'
    | 'message:updated'
    | 'message:deleted'
    | 'reaction:changed'
    | 'pin:changed'
    | 'conversation:new'
    | 'conversation:removed'
    | 'conversation:updated'
    | 'member:joined'
    | 'member:left'
    | 'member:updated'
    | 'user:event';
  to: Audience;
}>;

export type Audience =
  /** Every member of the conversation, as of `accessVersion`: a room reconciled at an older one reloads its members first. */
  | Readonly<{ kind: 'conversation'; conversationId: ConversationId; accessVersion: number }>
  /** One person, on all devices, whose devices follow the conversation from now on, or no longer. */
  | Readonly<{ kind: 'person'; userId: UserId; conversationId: ConversationId; follows: boolean; accessVersion: number }>
  /** One person, on all devices. */
  | Readonly<{ kind: 'devices'; userId: UserId }>;

const room = (conversationId: ConversationId, accessVersion: number): Audience => ({ kind: 'conversation', conversationId, accessVersion });

/** In order: whoever leaves is out of the room before the room is told, whoever joins is in it. */
export function announcements(event: DomainEvent): readonly Announcement[] {
  switch (event.type) {
    case 'conversation.created': {
      const { id: conversationId, accessVersion } = event.conversation;
      return event.members.map(({ userId }) => ({
        event: 'conversation:new',
        to: { kind: 'person', userId, conversationId, follows: true, accessVersion },
      }));
    }
    case 'member.joined': {
      const { id: conversationId, accessVersion } = event.conversation;
      return [
        { event: 'conversation:new', to: { kind: 'person', userId: event.member.userId, conversationId, follows: true, accessVersion } },
        { event: 'member:joined', to: room(conversationId, accessVersion) },
      ];
    }
    case 'member.left': {
      const { id: conversationId, accessVersion } = event.conversation;
      return [
        { event: 'conversation:removed', to: { kind: 'person', userId: event.member.userId, conversationId, follows: false, accessVersion } },
        { event: 'member:left', to: room(conversationId, accessVersion) },
      ];
    }
    case 'conversation.updated':
      return [{ event: 'conversation:updated', to: room(event.conversation.id, event.conversation.accessVersion) }];
    case 'member.updated':
      return [{ event: 'member:updated', to: room(event.conversation.id, event.conversation.accessVersion) }];
    case 'message.updated':
      return [{ event: 'message:updated', to: room(event.message.conversationId, event.accessVersion) }];
    case 'message.deleted':
      return [{ event: 'message:deleted', to: room(event.conversationId, event.accessVersion) }];
    case 'reaction.changed':
      return [{ event: 'reaction:changed', to: room(event.conversationId, event.accessVersion) }];
    case 'pin.changed':
      return [{ event: 'pin:changed', to: room(event.conversationId, event.accessVersion) }];
    case 'user.event':
      return [{ event: 'user:event', to: { kind: 'devices', userId: event.userId } }];
    case 'message.posted':
      return [{ event: 'message:new', to: room(event.message.conversationId, event.accessVersion) }];
  }
}
