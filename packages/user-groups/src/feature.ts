import { bind } from '@coucou/application/kernel/operation';
import { feature } from '@coucou/features/feature';
import { mentionMembers } from './application/mention-members.ts';
import * as useCases from './application/user-groups.ts';
import * as contracts from './contracts/operations.ts';
import { userGroupActions } from './domain/audit-actions.ts';
import { userGroupErrors } from './domain/user-group.ts';
import { presentGroups, presentGroupWithMembers } from './presenters.ts';
import { userGroupStorage } from './storage/user-group-storage.ts';

/** User groups: people of an account who are mentioned together. */
export const userGroupsFeature = feature({
  name: 'userGroups',
  operations: [
    bind(contracts.listUserGroups, useCases.listUserGroups, presentGroups),
    bind(contracts.getUserGroup, useCases.getUserGroup, presentGroupWithMembers),
    bind(contracts.createUserGroup, useCases.createUserGroup, presentGroupWithMembers),
    bind(contracts.updateUserGroup, useCases.updateUserGroup, presentGroupWithMembers),
    bind(contracts.deleteUserGroup, useCases.deleteUserGroup, () => {}),
  ],
  auditActions: [userGroupActions],
  errors: [userGroupErrors],
  hooks: [mentionMembers],
  storage: userGroupStorage,
});
