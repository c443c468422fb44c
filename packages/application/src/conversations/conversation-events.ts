import type { Conversation, LeaveReason, Member } from '@coucou/domain/conversations/conversation';
import type { UserId } from '@coucou/domain/kernel/ids';
import type { User } from '@coucou/domain/users/user';
import { type Announcement, type Audience, room } from '../kernel/audience.ts';
import { event } from '../kernel/event.ts';

const roomOf = ({ id, accessVersion }: Conversation): Audience => room(id, accessVersion);

export const joins = ({ id: conversationId, accessVersion }: Conversation, { userId, version: joinedVersion }: Member): Audience => ({
  kind: 'person',
  userId,
  conversationId,
  follows: true,
  accessVersion,
  joinedVersion,
});
const leaves = ({ id: conversationId, accessVersion }: Conversation, userId: UserId): Audience => ({
  kind: 'person',
  userId,
  conversationId,
  follows: false,
  accessVersion,
});

const inbox: Announcement<'inbox:updated'> = { event: 'inbox:updated', to: { kind: 'inbox' } };

export const conversationCreated = event<{
  conversation: Conversation;
  members: readonly Member[];
  /** All members in a direct conversation; in a group each member receives only their own. */
  users: readonly User[];
}>()({
  type: 'conversation.created',
  tells: ['conversation:new', 'inbox:updated'],
  audience: ({ conversation, members }) => [
    ...members.map((member) => ({ event: 'conversation:new' as const, to: joins(conversation, member) })),
    inbox,
  ],
  fact: ({ conversation, members }) => ({
    conversationId: conversation.id,
    version: conversation.version,
    userIds: members.map(({ userId }) => userId),
  }),
});

export const memberJoined = event<{
  /** After the whole change; `member.version` is that of this join. */
  conversation: Conversation;
  member: Member;
  user: User;
  /** Who added them; absent: they joined themselves. */
  by?: UserId;
}>()({
  type: 'member.joined',
  tells: ['conversation:new', 'member:joined'],
  audience: ({ conversation, member }) => [
    { event: 'conversation:new', to: joins(conversation, member) },
    { event: 'member:joined', to: { ...roomOf(conversation), whole: true } as Audience },
  ],
  fact: ({ conversation, member, by }) => ({
    conversationId: conversation.id,
    version: member.version,
    userId: member.userId,
    ...(by === undefined ? {} : { byId: by }),
  }),
});

export const memberLeft = event<{ conversation: Conversation; member: Member; reason: LeaveReason }>()({
  type: 'member.left',
  tells: ['conversation:removed', 'member:left'],
  audience: ({ conversation, member }) => [
    { event: 'conversation:removed', to: leaves(conversation, member.userId) },
    { event: 'member:left', to: { ...roomOf(conversation), whole: true } as Audience },
  ],
  fact: ({ conversation, member, reason }) => ({
    conversationId: conversation.id,
    version: member.version,
    userId: member.userId,
    reason,
  }),
});

export const conversationUpdated = event<{
  conversation: Conversation;
  /** Its place in the inbox changed: sent to the watchers of the account's inbox. */
  triaged?: boolean;
}>()({
  type: 'conversation.updated',
  tells: ['conversation:updated', 'inbox:updated'],
  audience: ({ conversation, triaged }) => [
    { event: 'conversation:updated', to: roomOf(conversation) },
    ...(triaged === true ? [inbox] : []),
  ],
  fact: ({ conversation }) => ({ conversationId: conversation.id, version: conversation.version }),
});

export const conversationDeleted = event<{
  conversation: Conversation;
  /** Those who were members until now. */
  userIds: readonly UserId[];
}>()({
  type: 'conversation.deleted',
  tells: ['conversation:removed'],
  audience: ({ conversation, userIds }) => userIds.map((userId) => ({ event: 'conversation:removed', to: leaves(conversation, userId) })),
  fact: ({ conversation }) => ({ conversationId: conversation.id, version: conversation.version }),
});

/** A role or the moderator's mute changed. */
export const memberUpdated = event<{ conversation: Conversation; member: Member }>()({
  type: 'member.updated',
  tells: ['member:updated'],
  audience: ({ conversation }) => [{ event: 'member:updated', to: roomOf(conversation) }],
  fact: ({ conversation, member }) => ({ conversationId: conversation.id, version: member.version, userId: member.userId }),
});
