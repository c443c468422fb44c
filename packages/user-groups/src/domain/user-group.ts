import { defineErrors } from '@coucou/domain/kernel/errors';
import type { AccountId, Id, Instant, UserId } from '@coucou/domain/kernel/ids';
import { userGroupLimits as limits } from './limits.ts';

export const userGroupErrors = defineErrors('USER_GROUP', {
  NOT_FOUND: ['not_found', 'There is no such user group in this account.'],
  HANDLE_TAKEN: ['conflict', 'Another user group of the account has this handle.'],
  LIMIT_REACHED: ['conflict', 'The account has as many user groups as it may have; delete one first.'],
  MEMBER_INVALID: ['invalid', 'Not everybody named is a person of this account.'],
});

export type UserGroupId = Id<'userGroup'>;

/** People who are mentioned together. What they may do has nothing to do with it. */
export type UserGroup = Readonly<{
  accountId: AccountId;
  id: UserGroupId;
  /** What people write after an @; no other group of the account has it. */
  handle: string;
  name: string;
  memberCount: number;
  createdAt: Instant;
}>;

export type UserGroupWithMembers = UserGroup & Readonly<{ memberIds: readonly UserId[] }>;

/** `count`: how many the account has without the one that is added. */
function requireRoom(count: number): void {
  if (count >= limits.perAccount) throw userGroupErrors.LIMIT_REACHED({ limit: limits.perAccount });
}

export const UserGroup = { requireRoom };
