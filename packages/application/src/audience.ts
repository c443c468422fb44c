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
    | 'inbox:updated'
    | 'member:joined'
    | 'member:left'
    | 'member:updated'
    | 'notification:new'
    | 'user:event'
    | 'user:updated'
    | 'friend:requested'
    | 'friend:accepted'
    | 'friend:rejected'
    | 'friend:cancelled'
    | 'friend:removed'
    | 'presence:changed'
    | 'receipt:updated'
    | 'unread:updated'
    | 'typing';
  to: Audience;
}>;

export type Audience =
  /** Every member of the conversation, as of `accessVersion`: a room reconciled at an older one reloads its members first. */
  | Readonly<{ kind: 'conversation'; conversationId: ConversationId; accessVersion: number }>
  /** One person, on all devices, whose devices follow the conversation from now on, or no longer. */
  | Readonly<{ kind: 'person'; userId: UserId; conversationId: ConversationId; follows: boolean; accessVersion: number }>
  /** Those who look at the conversation at this moment, but some. `lossy`: dropped for whoever cannot take it now. */
  | Readonly<{ kind: 'watchers'; conversationId: ConversationId; except: readonly UserId[]; lossy: boolean }>
  /** Those who watch the inbox of the whole account. */
  | Readonly<{ kind: 'inbox' }>
  /** One person, on all devices. */
  | Readonly<{ kind: 'devices'; userId: UserId }>;

const devices = (...userIds: readonly UserId[]): Audience[] => userIds.map((userId) => ({ kind: 'devices', userId }));

const room = (conversationId: ConversationId, accessVersion: number): Audience => ({ kind: 'conversation', conversationId, accessVersion });

/** In order: whoever leaves is out of the room before the room is told, whoever joins is in it. */
export function announcements(event: DomainEvent): readonly Announcement[] {
  switch (event.type) {
    case 'conversation.created': {
      const { id: conversationId, accessVersion } = event.conversation;
      return [
        ...event.members.map(
          ({ userId }): Announcement => ({
            event: 'conversation:new',
            to: { kind: 'person', userId, conversationId, follows: true, accessVersion },
          }),
        ),
        { event: 'inbox:updated', to: { kind: 'inbox' } },
      ];
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
        {
          event: 'conversation:removed',
          to: { kind: 'person', userId: event.member.userId, conversationId, follows: false, accessVersion },
        },
        { event: 'member:left', to: room(conversationId, accessVersion) },
      ];
    }
    case 'conversation.updated':
      return [
        { event: 'conversation:updated', to: room(event.conversation.id, event.conversation.accessVersion) },
        ...(event.triaged ? [{ event: 'inbox:updated', to: { kind: 'inbox' } } as const] : []),
      ];
    case 'conversation.deleted': {
      const { id: conversationId, accessVersion } = event.conversation;
      return event.userIds.map((userId) => ({
        event: 'conversation:removed',
        to: { kind: 'person', userId, conversationId, follows: false, accessVersion },
      }));
    }
    case 'member.updated':
      return [{ event: 'member:updated', to: room(event.conversation.id, event.conversation.accessVersion) }];
    case 'message.updated':
      return [{ event: 'message:updated', to: room(event.message.conversationId, event.accessVersion) }];
    // What is withheld is told in one way only, so that not even its kind gives anything away.
    case 'message.deleted':
      return [{ event: event.withheld ? 'message:updated' : 'message:deleted', to: room(event.conversationId, event.accessVersion) }];
    case 'reaction.changed':
      return [{ event: event.withheld ? 'message:updated' : 'reaction:changed', to: room(event.conversationId, event.accessVersion) }];
    case 'pin.changed':
      return [{ event: event.withheld ? 'message:updated' : 'pin:changed', to: room(event.conversationId, event.accessVersion) }];
    case 'notification.created':
      return devices(event.notification.userId).map((to) => ({ event: 'notification:new', to }));
    case 'user.event':
      return [{ event: 'user:event', to: { kind: 'devices', userId: event.userId } }];
    case 'user.updated':
      return devices(event.user.id, ...event.to).map((to) => ({ event: 'user:updated', to }));
    case 'friend.requested':
      return devices(event.from.id, event.to.id).map((to) => ({ event: 'friend:requested', to }));
    case 'friend.accepted':
      return devices(event.from.id, event.to.id).map((to) => ({ event: 'friend:accepted', to }));
    case 'friend.cancelled':
      return devices(event.from.id, event.to.id).map((to) => ({ event: 'friend:cancelled', to }));
    // Whoever declined knows it: their other devices learn it from their feed.
    case 'friend.rejected':
      return devices(event.from.id).map((to) => ({ event: 'friend:rejected', to }));
    case 'friend.removed':
      return devices(...event.pair).map((to) => ({ event: 'friend:removed', to }));
    case 'presence.changed':
      return [
        ...devices(...event.to),
        ...event.conversationIds.map(
          (conversationId): Audience => ({ kind: 'watchers', conversationId, except: event.across, lossy: true }),
        ),
      ].map((to) => ({ event: 'presence:changed', to }));
    case 'receipts.moved': {
      const { conversationId, only, except = [] } = event;
      const to: Audience =
        only === undefined ? { kind: 'watchers', conversationId, except, lossy: false } : { kind: 'devices', userId: only };
      return [{ event: 'receipt:updated', to }];
    }
    case 'unread.changed':
      return [{ event: 'unread:updated', to: { kind: 'devices', userId: event.userId } }];
    case 'typing.changed':
      return [{ event: 'typing', to: { kind: 'watchers', conversationId: event.conversationId, except: event.except, lossy: true } }];
    case 'message.posted':
      return [{ event: 'message:new', to: room(event.message.conversationId, event.accessVersion) }];
  }
}
