import { GroupSizes } from '@coucou/application/conversations/group-sizes';
import { limits } from '@coucou/domain/kernel/limits';
import { atMost } from '../at-most.ts';
import { settingsOf } from '../feature.ts';

export const groupSettings = settingsOf(
  GroupSizes,
  {
    MAX_GROUP_SIZE: atMost(limits.groupMembers, 'members', { about: 'Maximum number of members of one group.' }),
    MAX_GROUPS_OWNED: atMost(limits.groupsOwned, 'groups', {
      about: 'Maximum number of groups that one person owns when they make one more.',
      least: 0,
    }),
  },
  ({ MAX_GROUP_SIZE, MAX_GROUPS_OWNED }) => ({ mostMembers: MAX_GROUP_SIZE, mostGroupsOwned: MAX_GROUPS_OWNED }),
);
