import { createAccountFlag } from '@coucou/postgres/kit/known-of-accounts';
import { reader, repository, type StorageParts } from '@coucou/postgres/kit/storage-parts';
import { GroupingAccounts, UserGroups } from '../application/user-group-repository.ts';
import { createUserGroupRepository } from './user-group-repository.ts';
import { userGroupSchema } from './user-group-schema.ts';

const HAS = 'select exists (select from user_group) as has';

export const userGroupStorage: StorageParts = {
  repositories: [repository(UserGroups, createUserGroupRepository)],
  readers: [reader(GroupingAccounts, (pool) => createAccountFlag(pool, HAS, 'user-groups-has'))],
  schema: userGroupSchema,
};
