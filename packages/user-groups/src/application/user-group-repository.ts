import { token } from '@coucou/application/kernel/token';
import type { AccountId, UserId } from '@coucou/domain/kernel/ids';
import type { UserGroup, UserGroupId, UserGroupWithMembers } from '../domain/user-group.ts';

/** The user groups of the unit of work's account. */
export interface UserGroupRepository {
  /** By handle. */
  list(): Promise<UserGroup[]>;
  lookup(id: UserGroupId): Promise<UserGroupWithMembers | undefined>;
  /** Of these ids, those that are groups, with their members. */
  membersOf(ids: readonly string[]): Promise<Readonly<{ id: string; userId: UserId | undefined }>[]>;
  /** Holds back whoever else changes groups of the account, until the unit of work ends. */
  lockAll(): Promise<void>;
  count(): Promise<number>;
  isTaken(handle: string, by: UserGroupId): Promise<boolean>;
  add(group: UserGroupWithMembers): Promise<void>;
  update(group: UserGroupWithMembers): Promise<void>;
  remove(id: UserGroupId): Promise<void>;
}
export const UserGroups = token<UserGroupRepository>('UserGroups');

/** What this process knows of accounts that have user groups. */
export interface GroupingAccounts {
  /** The answer may be up to five seconds old, where another node changed it. */
  has(account: AccountId): Promise<boolean>;
  /** It may have changed: asks anew for a while, since the change may not be committed yet. */
  forget(account: AccountId): void;
}
export const GroupingAccounts = token<GroupingAccounts>('GroupingAccounts');
