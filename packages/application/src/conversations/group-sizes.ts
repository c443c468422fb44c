import { token } from '../kernel/token.ts';

/** Members that a group may have, and groups that one person may own, at most. A group that has more keeps them. */
export type GroupSizes = Readonly<{ mostMembers: number; mostGroupsOwned: number }>;
export const GroupSizes = token<GroupSizes>('GroupSizes');
