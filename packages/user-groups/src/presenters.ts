import type { UserGroup, UserGroupWithMembers } from './domain/user-group.ts';

const presentGroup = ({ id, handle, name, memberCount, createdAt }: UserGroup) => ({
  id,
  handle,
  name,
  memberCount,
  createdAt: createdAt.toISOString(),
});

export const presentGroups = (groups: readonly UserGroup[]) => ({ items: groups.map(presentGroup) });

export const presentGroupWithMembers = (group: UserGroupWithMembers) => ({ ...presentGroup(group), memberIds: [...group.memberIds] });
