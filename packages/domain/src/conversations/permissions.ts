export type ConversationType = 'direct' | 'group';
export type MemberRole = 'owner' | 'admin' | 'moderator' | 'member';

export type ConversationAction = 'read' | 'post' | 'addMember' | 'removeMember' | 'leave';

const everyone: readonly MemberRole[] = ['owner', 'admin', 'moderator', 'member'];
const nobody: readonly MemberRole[] = [];

/** Who may do what, by type of conversation. A direct conversation's two people are fixed, and neither can leave it. */
export const permissions: Readonly<Record<ConversationType, Readonly<Record<ConversationAction, readonly MemberRole[]>>>> = {
  direct: { read: everyone, post: everyone, addMember: nobody, removeMember: nobody, leave: nobody },
  group: {
    read: everyone,
    post: everyone,
    addMember: ['owner', 'admin', 'moderator'],
    removeMember: ['owner', 'admin', 'moderator'],
    leave: everyone,
  },
};

export const may = (type: ConversationType, role: MemberRole, action: ConversationAction): boolean =>
  permissions[type][action].includes(role);

const rank: Readonly<Record<MemberRole, number>> = { owner: 3, admin: 2, moderator: 1, member: 0 };

/** Acting on another member takes a higher role than theirs; owners may act on anyone. */
export const outranks = (actor: MemberRole, target: MemberRole): boolean => actor === 'owner' || rank[actor] > rank[target];
