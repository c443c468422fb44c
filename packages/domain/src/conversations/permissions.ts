export type ConversationType = 'direct' | 'group';
export type MemberRole = 'owner' | 'admin' | 'moderator' | 'member';

export type ConversationAction =
  | 'read'
  | 'post'
  | 'announce'
  | 'mentionAll'
  | 'skipSlowMode'
  | 'react'
  | 'pin'
  | 'deleteOthers'
  | 'readEdits'
  | 'addMember'
  | 'removeMember'
  | 'ban'
  | 'mute'
  | 'changeRole'
  | 'transfer'
  | 'invite'
  | 'update'
  | 'delete'
  | 'leave'
  /** Status, assignee and labels of the inbox; account owners and admins may everywhere. */
  | 'triage';

const everyone: readonly MemberRole[] = ['owner', 'admin', 'moderator', 'member'];
const moderators: readonly MemberRole[] = ['owner', 'admin', 'moderator'];
const admins: readonly MemberRole[] = ['owner', 'admin'];
const owners: readonly MemberRole[] = ['owner'];
const nobody: readonly MemberRole[] = [];

/** Which roles may do what, by type of conversation. */
export type PermissionTable<Action extends string = string> = Readonly<
  Record<ConversationType, Readonly<Record<Action, readonly MemberRole[]>>>
>;

/** Who may do what, by type of conversation. A direct conversation's two people are fixed and equal, and neither can leave it. */
export const permissions: PermissionTable<ConversationAction> = {
  direct: {
    read: everyone,
    post: everyone,
    announce: everyone,
    mentionAll: everyone,
    skipSlowMode: everyone,
    react: everyone,
    pin: everyone,
    deleteOthers: nobody,
    readEdits: everyone,
    addMember: nobody,
    removeMember: nobody,
    ban: nobody,
    mute: nobody,
    changeRole: nobody,
    transfer: nobody,
    invite: nobody,
    update: nobody,
    delete: nobody,
    leave: nobody,
    triage: nobody,
  },
  group: {
    read: everyone,
    post: everyone,
    announce: admins,
    mentionAll: moderators,
    skipSlowMode: moderators,
    react: everyone,
    pin: moderators,
    deleteOthers: moderators,
    readEdits: admins,
    addMember: moderators,
    removeMember: moderators,
    ban: moderators,
    mute: moderators,
    changeRole: admins,
    transfer: owners,
    invite: moderators,
    update: admins,
    delete: owners,
    leave: everyone,
    triage: moderators,
  },
};

/** The one function that reads such a table; a feature asks it of a table of its own. */
export const mayBy = <Action extends string>(
  table: PermissionTable<Action>,
  type: ConversationType,
  role: MemberRole,
  action: Action,
): boolean => table[type][action].includes(role);

export const may = (type: ConversationType, role: MemberRole, action: ConversationAction): boolean =>
  mayBy(permissions, type, role, action);

const rank: Readonly<Record<MemberRole, number>> = { owner: 3, admin: 2, moderator: 1, member: 0 };

/** Whether `a` is a higher role than `b`. */
export const isAbove = (a: MemberRole, b: MemberRole): boolean => rank[a] > rank[b];

/** Acting on another member takes a higher role than theirs; owners may act on anyone. */
export const outranks = (actor: MemberRole, target: MemberRole): boolean => actor === 'owner' || rank[actor] > rank[target];
