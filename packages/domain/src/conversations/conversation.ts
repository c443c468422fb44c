import { defineErrors, errors } from '../kernel/errors.ts';
import type { AccountId, ConversationId, Instant, UserId } from '../kernel/ids.ts';
import { type ConversationAction, type ConversationType, type MemberRole, may, outranks } from './permissions.ts';

export const conversationErrors = defineErrors('', {
  CONVERSATION_NOT_FOUND: ['not_found', 'There is no such conversation.'],
  ALREADY_MEMBER: ['conflict', 'This person is already a member.'],
  LAST_OWNER: ['conflict', 'The last owner cannot leave: make someone else an owner first.'],
  BANNED: ['forbidden', 'This person is banned from the conversation.'],
  GROUP_LIMIT_REACHED: ['conflict', 'You own as many groups as you may: delete one, or make somebody else its owner.'],
  CONVERSATION_FULL: ['conflict', 'This conversation has reached its maximum number of members.'],
});

export type Visibility = 'private' | 'public';
export type LeaveReason = 'left' | 'removed' | 'banned';

export type ConversationSettings = Readonly<{
  /** `joined` shows a member only what was posted after they joined. */
  history: 'all' | 'joined';
  /** Only those who may `announce` post. */
  announcementsOnly: boolean;
  /** What a member waits between two messages; 0 is off. */
  slowModeSeconds: number;
}>;

export const defaultSettings: ConversationSettings = { history: 'all', announcementsOnly: false, slowModeSeconds: 0 };

export type InboxStatus = 'open' | 'pending' | 'resolved';

export type Conversation = Readonly<{
  accountId: AccountId;
  id: ConversationId;
  type: ConversationType;
  visibility: Visibility;
  title: string | undefined;
  description: string | undefined;
  avatarUrl: string | undefined;
  custom: Readonly<Record<string, unknown>> | undefined;
  settings: ConversationSettings;
  /** For support teams: status, assignee and labels. */
  status: InboxStatus;
  assigneeId: UserId | undefined;
  labels: readonly string[];
  createdBy: UserId;
  createdAt: Instant;
  /** The number of the newest message; 0 while there is none. */
  lastSeq: number;
  /** The number of the first message that is kept: those before it were trimmed. 1 where none were. */
  firstSeq: number;
  /** The version in which `firstSeq` last moved; 0: it never did. */
  trimmedVersion: number;
  /** Grows by one with every change that members can notice; gapless. */
  version: number;
  receiptsVersion: number;
  /**
   * Counts the changes to settings, roles, membership and, in a direct conversation, blocks: what a posting decision rests on. Its own
   * counter, since a block is nobody else's business and must not take a version.
   */
  accessVersion: number;
  /** Messages that count as unread for those who did not send them. */
  countable: number;
  memberCount: number;
  lastMessageAt: Instant | undefined;
}>;

export type Member = Readonly<{
  conversationId: ConversationId;
  userId: UserId;
  role: MemberRole;
  joinedAt: Instant;
  joinedSeq: number;
  deliveredSeq: number;
  readSeq: number;
  /** The conversation's version at the last change of this membership. */
  version: number;
  leftAt: Instant | undefined;
  postingMutedUntil: Instant | undefined;
}>;

/** A change to membership: the conversation and the rows as they are after it. */
export type Admission = Readonly<{ conversation: Conversation; members: readonly Member[] }>;
export type Departure = Readonly<{ conversation: Conversation; member: Member; reason: LeaveReason }>;

/** The fields of `change` that are given, over `base`. */
export const withDefined = <T extends object>(base: T, change: { readonly [Key in keyof T]?: T[Key] | undefined } | undefined): T => ({
  ...base,
  ...Object.fromEntries(Object.entries(change ?? {}).filter(([, value]) => value !== undefined)),
});

type NewConversation = Readonly<{ accountId: AccountId; id: ConversationId; createdBy: UserId; now: Instant }>;

const newMember = (conversation: Conversation, userId: UserId, role: MemberRole, now: Instant): Member => ({
  conversationId: conversation.id,
  userId,
  role,
  joinedAt: now,
  joinedSeq: conversation.lastSeq,
  deliveredSeq: conversation.lastSeq,
  readSeq: conversation.lastSeq,
  version: conversation.version,
  leftAt: undefined,
  postingMutedUntil: undefined,
});

const blank = ({ accountId, id, createdBy, now }: NewConversation, type: ConversationType, memberCount: number): Conversation => ({
  accountId,
  id,
  type,
  visibility: 'private',
  title: undefined,
  description: undefined,
  avatarUrl: undefined,
  custom: undefined,
  settings: defaultSettings,
  status: 'open',
  assigneeId: undefined,
  labels: [],
  createdBy,
  createdAt: now,
  lastSeq: 0,
  firstSeq: 1,
  trimmedVersion: 0,
  version: 1,
  receiptsVersion: 0,
  accessVersion: 1,
  countable: 0,
  memberCount,
  lastMessageAt: undefined,
});

/** The creation is version 1 and stamps the first members with it. */
function openDirect(input: NewConversation & { peerId: UserId }): Admission {
  if (input.peerId === input.createdBy)
    throw errors.VALIDATION_FAILED([{ path: ['userId'], rule: 'self', message: 'You cannot open a direct conversation with yourself.' }]);
  const conversation = blank(input, 'direct', 2);
  return { conversation, members: [input.createdBy, input.peerId].map((id) => newMember(conversation, id, 'member', input.now)) };
}

function createGroup(
  input: NewConversation & {
    title: string;
    visibility: Visibility;
    memberIds: readonly UserId[];
    description?: string | undefined;
    avatarUrl?: string | undefined;
    custom?: Readonly<Record<string, unknown>> | undefined;
    settings?: { readonly [Key in keyof ConversationSettings]?: ConversationSettings[Key] | undefined } | undefined;
  },
): Admission {
  const others = [...new Set(input.memberIds)].filter((id) => id !== input.createdBy);
  const { title, visibility, description, avatarUrl, custom, settings } = input;
  const base = blank(input, 'group', 1 + others.length);
  const conversation = { ...base, title, visibility, description, avatarUrl, custom, settings: withDefined(base.settings, settings) };
  return {
    conversation,
    members: [
      newMember(conversation, input.createdBy, 'owner', input.now),
      ...others.map((id) => newMember(conversation, id, 'member', input.now)),
    ],
  };
}

/** A membership that ended, or never was, hides that the conversation exists. */
function requireMember(member: Member | undefined): Member {
  if (member === undefined || member.leftAt !== undefined) throw conversationErrors.CONVERSATION_NOT_FOUND();
  return member;
}

function requirePermission(conversation: Conversation, member: Member | undefined, action: ConversationAction): Member {
  const present = requireMember(member);
  if (!may(conversation.type, present.role, action)) throw errors.FORBIDDEN({ action });
  return present;
}

/** Each person takes a version of their own, so that each joining is one event. `former` are rows of earlier memberships. */
function admit(
  conversation: Conversation,
  by: Member | undefined,
  userIds: readonly UserId[],
  former: readonly Member[],
  most: number,
  now: Instant,
): Admission {
  requirePermission(conversation, by, 'addMember');
  return enter(conversation, userIds, former, most, now);
}

/** Throws `CONVERSATION_FULL` for more members than `most`. */
function requireRoom(members: number, most: number): void {
  if (members > most) throw conversationErrors.CONVERSATION_FULL({ limit: most });
}

/** By whatever right they come; `most` members in all. A mute outlives the membership, or leaving would be the way out of it. */
function enter(conversation: Conversation, userIds: readonly UserId[], former: readonly Member[], most: number, now: Instant): Admission {
  const present = former.filter((m) => m.leftAt === undefined && userIds.includes(m.userId));
  if (present.length > 0) throw conversationErrors.ALREADY_MEMBER({ userIds: present.map((m) => m.userId) });
  const joining = [...new Set(userIds)];
  requireRoom(conversation.memberCount + joining.length, most);
  const members = joining.map((userId, index) => ({
    ...newMember(conversation, userId, 'member', now),
    version: conversation.version + index + 1,
    postingMutedUntil: former.find((member) => member.userId === userId)?.postingMutedUntil,
  }));
  const version = conversation.version + members.length;
  return {
    conversation: {
      ...conversation,
      version,
      accessVersion: conversation.accessVersion + 1,
      memberCount: conversation.memberCount + members.length,
    },
    members,
  };
}

/** Ends a membership, by whatever right. */
function depart(conversation: Conversation, member: Member, reason: LeaveReason, now: Instant): Departure {
  const version = conversation.version + 1;
  return {
    conversation: { ...conversation, version, accessVersion: conversation.accessVersion + 1, memberCount: conversation.memberCount - 1 },
    member: { ...member, leftAt: now, version },
    reason,
  };
}

/** `owners` is the number of owners present, counted under the conversation's lock. */
function leave(conversation: Conversation, member: Member | undefined, owners: number, now: Instant): Departure {
  const leaving = requirePermission(conversation, member, 'leave');
  if (leaving.role === 'owner' && owners === 1 && conversation.memberCount > 1) throw conversationErrors.LAST_OWNER();
  return depart(conversation, leaving, 'left', now);
}

function remove(conversation: Conversation, by: Member | undefined, target: Member | undefined, owners: number, now: Instant): Departure {
  // Removing oneself is leaving, which needs no permission over others.
  if (by !== undefined && by.userId === target?.userId) return leave(conversation, by, owners, now);
  const actor = requirePermission(conversation, by, 'removeMember');
  if (target === undefined || target.leftAt !== undefined) throw conversationMemberNotFound();
  if (!outranks(actor.role, target.role)) throw errors.FORBIDDEN({ action: 'removeMember', role: target.role });
  return depart(conversation, target, 'removed', now);
}

export const conversationMemberNotFound = () => errors.NOT_FOUND({ what: 'member' });

/** The first message a member may see: of those that are kept; `history: 'joined'` begins after the last one before they came. */
const visibleFrom = ({ settings, firstSeq }: Pick<Conversation, 'settings' | 'firstSeq'>, joinedSeq: number): number =>
  settings.history === 'joined' ? Math.max(firstSeq, joinedSeq + 1) : firstSeq;

/** Messages before `firstSeq` are gone for everybody, with one version. Undefined where they are gone already. */
function trim(conversation: Conversation, firstSeq: number): Conversation | undefined {
  if (firstSeq <= conversation.firstSeq) return undefined;
  const version = conversation.version + 1;
  return { ...conversation, firstSeq: Math.min(firstSeq, conversation.lastSeq + 1), version, trimmedVersion: version };
}

export const Conversation = {
  openDirect,
  createGroup,
  requireMember,
  requirePermission,
  requireRoom,
  admit,
  enter,
  leave,
  remove,
  depart,
  visibleFrom,
  trim,
};
