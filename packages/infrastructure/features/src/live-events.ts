import type { Announcement } from '@coucou/application/audience';
import type { Conversation } from '@coucou/domain/conversations/conversation';
import type { DomainEvent } from '@coucou/domain/domain-event';
import { Presence } from '@coucou/domain/presence/presence';
import { presentMember, presentNewConversation, presentSeat, presentShared } from './conversations/presenters.ts';
import { presentSharedMessage } from './messages/presenters.ts';
import { presentFriendRequest } from './friends/presenters.ts';
import { presentPresence } from './presence/presenters.ts';
import { presentReceipt } from './receipts/presenters.ts';
import { presentNotification } from './notifications/presenters.ts';
import { presentUser } from './users/presenters.ts';

/** What support agents see of a conversation that is not theirs: where it stands, and nothing of what is said. */
const presentInbox = (conversation: Conversation, at: string) => ({
  at,
  conversationId: conversation.id,
  status: conversation.status,
  assigneeId: conversation.assigneeId,
  labels: [...conversation.labels],
  lastMessageAt: conversation.lastMessageAt?.toISOString(),
});

/** The payload of an event for one audience. `at` is when it is told, RFC 3339. */
export function presentLiveEvent(event: DomainEvent, { to }: Announcement, at: string): Readonly<Record<string, unknown>> {
  switch (event.type) {
    case 'message.posted':
      return {
        at,
        conversationId: event.message.conversationId,
        version: event.message.version,
        message: presentSharedMessage(event.message),
      };
    case 'conversation.created': {
      const { conversation } = event;
      if (to.kind === 'inbox') return presentInbox(conversation, at);
      const person = to.kind === 'person' ? to.userId : undefined;
      const member = event.members.find(({ userId }) => userId === person);
      const peer = conversation.type === 'direct' ? event.users.find((user) => user.id !== person) : undefined;
      return {
        at,
        conversationId: conversation.id,
        version: conversation.version,
        conversation: member && presentNewConversation(conversation, member, peer),
      };
    }
    case 'member.joined': {
      const { conversation, member, user } = event;
      const head = { at, conversationId: conversation.id, version: member.version };
      if (to.kind === 'conversation') return { ...head, member: presentMember(member, user) };
      return { ...head, version: conversation.version, conversation: presentNewConversation(conversation, member, undefined) };
    }
    case 'conversation.updated':
      if (to.kind === 'inbox') return presentInbox(event.conversation, at);
      return {
        at,
        conversationId: event.conversation.id,
        version: event.conversation.version,
        conversation: presentShared(event.conversation),
      };
    case 'conversation.deleted':
      return { at, conversationId: event.conversation.id, version: event.conversation.version, reason: 'deleted' };
    case 'member.updated':
      return { at, conversationId: event.conversation.id, version: event.member.version, member: presentSeat(event.member) };
    case 'message.updated': {
      const { message } = event;
      if (event.withheld) return { at, conversationId: message.conversationId, version: message.version };
      return { at, conversationId: message.conversationId, version: message.version, message: presentSharedMessage(message) };
    }
    case 'message.deleted':
      if (event.withheld) return { at, conversationId: event.conversationId, version: event.version };
      return {
        at,
        conversationId: event.conversationId,
        version: event.version,
        messageId: event.messageId,
        seq: event.seq,
        deletedAt: event.deletedAt.toISOString(),
      };
    case 'reaction.changed': {
      const { conversationId, version, messageId, seq, emoji, userId, added, count } = event;
      if (event.withheld) return { at, conversationId, version };
      return { at, conversationId, version, messageId, seq, emoji, userId, added, count };
    }
    case 'pin.changed': {
      const { conversationId, version, messageId, seq, pinned, userId } = event;
      if (event.withheld) return { at, conversationId, version };
      return { at, conversationId, version, messageId, seq, pinned, userId };
    }
    case 'receipts.moved': {
      const { conversationId, receiptsVersion, items } = event;
      return { at, conversationId, receiptsVersion, items: items.map(presentReceipt) };
    }
    case 'unread.changed': {
      const { total, mentions, conversationId, messages } = event;
      return { at, total, mentions, conversationId, messages };
    }
    case 'typing.changed': {
      const { conversationId, userId, isTyping, expiresAt } = event;
      return { at, conversationId, userId, isTyping, expiresAt: expiresAt.toISOString() };
    }
    case 'notification.created':
      return { at, notification: presentNotification(event.notification) };
    case 'user.event':
      return { at, userVersion: event.userVersion, kind: event.kind, payload: event.payload };
    case 'user.updated':
      return { at, user: presentUser(event.user) };
    case 'friend.requested':
    case 'friend.accepted':
    case 'friend.rejected':
    case 'friend.cancelled':
      return { at, request: presentFriendRequest(event) };
    case 'friend.removed': {
      const [a, b] = event.pair;
      return { at, userId: to.kind === 'devices' && to.userId === a ? b : a };
    }
    case 'presence.changed': {
      const own = to.kind === 'devices' && to.userId === event.presence.userId;
      return { at, ...presentPresence(own ? event.presence : Presence.shared(event.presence)) };
    }
    case 'member.left': {
      const head = { at, conversationId: event.conversation.id, version: event.member.version };
      if (to.kind === 'conversation') return { ...head, member: presentSeat(event.member), reason: event.reason };
      return { ...head, reason: event.reason };
    }
  }
}
