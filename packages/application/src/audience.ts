import type { DomainEvent } from '@coucou/domain/domain-event';
import type { ConversationId, UserId } from '@coucou/domain/kernel/ids';

/** Who is told of an event, and under which name. */
export type Announcement = Readonly<{
  event: 'message:new' | 'conversation:new' | 'conversation:removed' | 'member:joined' | 'member:left';
  to: Audience;
}>;

export type Audience =
  /** Every member of the conversation, as of `accessVersion`: a room reconciled at an older one reloads its members first. */
  | Readonly<{ kind: 'conversation'; conversationId: ConversationId; accessVersion: number }>
  /** One person, on all devices, whose devices follow the conversation from now on, or no longer. */
  | Readonly<{ kind: 'person'; userId: UserId; conversationId: ConversationId; follows: boolean; accessVersion: number }>;

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
        { event: 'member:joined', to: { kind: 'conversation', conversationId, accessVersion } },
      ];
    }
    case 'member.left': {
      const { id: conversationId, accessVersion } = event.conversation;
      return [
        {
          event: 'conversation:removed',
          to: { kind: 'person', userId: event.member.userId, conversationId, follows: false, accessVersion },
        },
        { event: 'member:left', to: { kind: 'conversation', conversationId, accessVersion } },
      ];
    }
    case 'message.posted':
      return [
        {
          event: 'message:new',
          to: { kind: 'conversation', conversationId: event.message.conversationId, accessVersion: event.accessVersion },
        },
      ];
  }
}
