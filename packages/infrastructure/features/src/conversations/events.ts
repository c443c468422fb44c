import * as events from '@coucou/application/conversations/conversation-events';
import { type Telling, wired } from '@coucou/application/kernel/event';
import * as wire from '@coucou/contracts/conversations/events';
import type { Conversation, Member } from '@coucou/domain/conversations/conversation';
import type { User } from '@coucou/domain/users/user';
import { presentMember, presentNewConversation, presentSeat, presentShared } from './presenters.ts';

/** What support agents see of conversations they are not in: metadata, no content. */
const presentInbox = (conversation: Conversation, at: string) => ({
  at,
  conversationId: conversation.id,
  status: conversation.status,
  assigneeId: conversation.assigneeId,
  labels: [...conversation.labels],
  lastMessageAt: conversation.lastMessageAt?.toISOString(),
});

/** To each of those who are members from now on. */
export function presentNew(
  { conversation, members, users }: Readonly<{ conversation: Conversation; members: readonly Member[]; users: readonly User[] }>,
  { to, at }: Telling,
) {
  const person = to.kind === 'person' ? to.userId : undefined;
  const member = members.find(({ userId }) => userId === person);
  if (member === undefined) throw new Error('conversation:new is for members only');
  const peer = conversation.type === 'direct' ? users.find((user) => user.id !== person) : undefined;
  return {
    at,
    conversationId: conversation.id,
    version: conversation.version,
    conversation: presentNewConversation(conversation, member, peer),
  };
}

export const conversationEvents = [
  wired(
    events.conversationCreated,
    { 'conversation:new': wire.conversationNew, 'inbox:updated': wire.inboxUpdated },
    {
      'conversation:new': presentNew,
      'inbox:updated': ({ conversation }, { at }) => presentInbox(conversation, at),
    },
  ),
  wired(
    events.memberJoined,
    { 'conversation:new': wire.conversationNew, 'member:joined': wire.memberJoined },
    {
      'conversation:new': ({ conversation, member }, { at }) => ({
        at,
        conversationId: conversation.id,
        version: conversation.version,
        conversation: presentNewConversation(conversation, member, undefined),
      }),
      'member:joined': ({ conversation, member, user }, { at }) => ({
        at,
        conversationId: conversation.id,
        version: member.version,
        member: presentMember(member, user),
      }),
    },
  ),
  wired(
    events.memberLeft,
    { 'conversation:removed': wire.conversationRemoved, 'member:left': wire.memberLeft },
    {
      'conversation:removed': ({ conversation, member, reason }, { at }) => ({
        at,
        conversationId: conversation.id,
        version: member.version,
        reason,
      }),
      'member:left': ({ conversation, member, reason }, { at }) => ({
        at,
        conversationId: conversation.id,
        version: member.version,
        member: presentSeat(member),
        reason,
      }),
    },
  ),
  wired(
    events.conversationUpdated,
    { 'conversation:updated': wire.conversationUpdated, 'inbox:updated': wire.inboxUpdated },
    {
      'conversation:updated': ({ conversation }, { at }) => ({
        at,
        conversationId: conversation.id,
        version: conversation.version,
        conversation: presentShared(conversation),
      }),
      'inbox:updated': ({ conversation }, { at }) => presentInbox(conversation, at),
    },
  ),
  wired(
    events.conversationDeleted,
    { 'conversation:removed': wire.conversationRemoved },
    {
      'conversation:removed': ({ conversation }, { at }) => ({
        at,
        conversationId: conversation.id,
        version: conversation.version,
        reason: 'deleted' as const,
      }),
    },
  ),
  wired(
    events.memberUpdated,
    { 'member:updated': wire.memberUpdated },
    {
      'member:updated': ({ conversation, member }, { at }) => ({
        at,
        conversationId: conversation.id,
        version: member.version,
        member: presentSeat(member),
      }),
    },
  ),
];
