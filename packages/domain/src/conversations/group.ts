import { errors } from '../kernel/errors.ts';
import type { Instant, UserId } from '../kernel/ids.ts';
import { isSame } from '../kernel/same.ts';
import { future, isPast } from '../kernel/time.ts';
import {
  type Admission,
  Conversation,
  type ConversationSettings,
  conversationErrors,
  conversationMemberNotFound,
  type Departure,
  type Member,
  type Visibility,
  withDefined,
} from './conversation.ts';
import { isAbove, type MemberRole, outranks } from './permissions.ts';

/** Absent: unchanged. `null`: cleared. */
export type GroupChanges = Readonly<{
  title?: string | undefined;
  visibility?: Visibility | undefined;
  description?: string | null | undefined;
  avatarUrl?: string | null | undefined;
  custom?: Readonly<Record<string, unknown>> | null | undefined;
  settings?: { readonly [Key in keyof ConversationSettings]?: ConversationSettings[Key] | undefined } | undefined;
}>;

/** What changed of members: the conversation and their rows as they are after it. */
export type MemberChange = Readonly<{ conversation: Conversation; members: readonly Member[] }>;

export type Ban = Readonly<{
  conversationId: Conversation['id'];
  userId: UserId;
  bannedBy: UserId;
  reason: string | undefined;
  createdAt: Instant;
  /** Absent: permanent. */
  expiresAt: Instant | undefined;
}>;

const changed = <T>(change: T | null | undefined, current: T | undefined): T | undefined =>
  change === undefined ? current : (change ?? undefined);

/** Undefined when nothing changes: then no version is used and no event is sent. */
function update(conversation: Conversation, by: Member | undefined, changes: GroupChanges): Conversation | undefined {
  Conversation.requirePermission(conversation, by, 'update');
  const after: Conversation = {
    ...conversation,
    title: changes.title ?? conversation.title,
    visibility: changes.visibility ?? conversation.visibility,
    description: changed(changes.description, conversation.description),
    avatarUrl: changed(changes.avatarUrl, conversation.avatarUrl),
    custom: changed(changes.custom, conversation.custom),
    settings: withDefined(conversation.settings, changes.settings),
  };
  if (isSame(after, conversation)) return undefined;
  // What posting decisions depend on; a title is not part of it.
  const access = isSame(after.settings, conversation.settings) ? 0 : 1;
  return { ...after, version: conversation.version + 1, accessVersion: conversation.accessVersion + access };
}

/** Everyone's membership ends with it, at this one version. */
function close(conversation: Conversation, by: Member | undefined): Conversation {
  Conversation.requirePermission(conversation, by, 'delete');
  return { ...conversation, version: conversation.version + 1, accessVersion: conversation.accessVersion + 1, memberCount: 0 };
}

/** Joining by oneself. To non-members a private conversation, and one without members, does not exist. */
function join(
  conversation: Conversation | undefined,
  userId: UserId,
  former: readonly Member[],
  banned: Ban | undefined,
  most: number,
  now: Instant,
): Admission {
  if (conversation === undefined || conversation.visibility !== 'public' || conversation.memberCount === 0)
    throw conversationErrors.CONVERSATION_NOT_FOUND();
  requireNotBanned(banned === undefined ? [] : [banned], now);
  return Conversation.enter(conversation, [userId], former, most, now);
}

const present = (member: Member | undefined): Member => {
  if (member === undefined || member.leftAt !== undefined) throw conversationMemberNotFound();
  return member;
};

export type MemberChanges = Readonly<{ role?: MemberRole | undefined; mutedUntil?: Instant | null | undefined }>;

/** `owners` is the number of owners present, counted under the lock. Undefined when nothing changes. */
function changeMember(
  conversation: Conversation,
  by: Member | undefined,
  who: Member | undefined,
  changes: MemberChanges,
  owners: number,
  now: Instant,
): MemberChange | undefined {
  const actor = Conversation.requireMember(by);
  if (changes.role !== undefined) Conversation.requirePermission(conversation, actor, 'changeRole');
  if (changes.mutedUntil !== undefined) Conversation.requirePermission(conversation, actor, 'mute');
  const target = present(who);
  const role = changes.role ?? target.role;
  // Members may lower their own role; any other change needs a higher role than the target's.
  const stepsDown = actor.userId === target.userId && changes.mutedUntil === undefined && isAbove(actor.role, role);
  if (!stepsDown && !outranks(actor.role, target.role)) throw errors.FORBIDDEN({ role: target.role });
  if (isAbove(role, actor.role)) throw errors.FORBIDDEN({ action: 'changeRole', role });
  if (target.role === 'owner' && role !== 'owner' && owners === 1) throw conversationErrors.LAST_OWNER();
  const postingMutedUntil = changes.mutedUntil === undefined ? target.postingMutedUntil : future(changes.mutedUntil, now);
  const after: Member = { ...target, role, postingMutedUntil };
  if (isSame(after, target)) return undefined;
  return stamped(conversation, [after]);
}

/** Each member takes a version of their own, so that each change is one event. */
const stamped = (conversation: Conversation, members: readonly Member[]): MemberChange => ({
  conversation: { ...conversation, version: conversation.version + members.length, accessVersion: conversation.accessVersion + 1 },
  members: members.map((member, index) => ({ ...member, version: conversation.version + index + 1 })),
});

/** The target becomes an owner, and the former owner an admin. */
function transfer(conversation: Conversation, by: Member | undefined, to: Member | undefined): MemberChange {
  const owner = Conversation.requirePermission(conversation, by, 'transfer');
  const target = present(to);
  if (target.userId === owner.userId)
    throw errors.VALIDATION_FAILED([{ path: ['userId'], rule: 'self', message: 'You already own this conversation.' }]);
  const admin: Member = { ...owner, role: 'admin' };
  return stamped(conversation, target.role === 'owner' ? [admin] : [{ ...target, role: 'owner' }, admin]);
}

/** Non-members can be banned in advance; members are removed. */
function ban(
  conversation: Conversation,
  by: Member | undefined,
  target: Readonly<{ userId: UserId; member: Member | undefined }>,
  terms: Readonly<{ reason: string | undefined; expiresAt: Instant | undefined }>,
  now: Instant,
): Readonly<{ ban: Ban; departure: Departure | undefined }> {
  const actor = Conversation.requirePermission(conversation, by, 'ban');
  if (target.userId === actor.userId) throw errors.FORBIDDEN({ action: 'ban', reason: 'self' });
  if (terms.expiresAt !== undefined && isPast(terms.expiresAt, now))
    throw errors.VALIDATION_FAILED([{ path: ['expiresAt'], rule: 'future', message: 'The time must be in the future.' }]);
  const { member } = target;
  const isPresent = member !== undefined && member.leftAt === undefined;
  if (isPresent && !outranks(actor.role, member.role)) throw errors.FORBIDDEN({ action: 'ban', role: member.role });
  return {
    ban: { conversationId: conversation.id, userId: target.userId, bannedBy: actor.userId, createdAt: now, ...terms },
    departure: isPresent ? Conversation.depart(conversation, member, 'banned', now) : undefined,
  };
}

/** Bans are read under the conversation's lock, which serialises bans and joins. */
function requireNotBanned(bans: readonly Ban[], now: Instant): void {
  const holding = bans.filter(({ expiresAt }) => expiresAt === undefined || !isPast(expiresAt, now));
  if (holding.length > 0) throw conversationErrors.BANNED({ userIds: holding.map(({ userId }) => userId) });
}

export const Group = { update, close, join, changeMember, transfer, ban, requireNotBanned };
