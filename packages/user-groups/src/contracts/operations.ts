import { operation } from '@coucou/contracts/kernel/operation';
import { counter, id, line, time } from '@coucou/contracts/kernel/types';
import { z } from 'zod';
import { groupHandle, userGroupLimits } from '../domain/limits.ts';

const userGroupId = id('userGroup');
const handle = z
  .string()
  .toLowerCase()
  .regex(groupHandle, { error: 'must be 1 to 32 of a-z, 0-9, ., _ and -, with a letter or digit at both ends, and not "all"' })
  .meta({ description: 'what people write after an @', examples: ['support'] });
const name = line({ min: 1, max: userGroupLimits.name }).meta({ examples: ['Support team'] });
const memberIds = z
  .array(id('user'))
  .max(userGroupLimits.members)
  .transform((given) => [...new Set(given)]);

const group = {
  id: userGroupId,
  handle: z.string().meta({ examples: ['support'] }),
  name: z.string().meta({ examples: ['Support team'] }),
  memberCount: counter,
  createdAt: time,
};
const UserGroup = z.object(group).meta({ id: 'UserGroup' });
const UserGroupWithMembers = z.object({ ...group, memberIds: z.array(id('user')) }).meta({ id: 'UserGroupWithMembers' });

const at = '/admin/user-groups';

export const listUserGroups = operation({
  name: 'userGroups.list',
  summary: 'The user groups of the account, by handle. `mentions` of a message may hold their ids.',
  http: { method: 'GET', path: '/user-groups', status: 200 },
  access: 'user',
  input: z.strictObject({}),
  output: z.object({ items: z.array(UserGroup) }),
  errors: [],
});

export const getUserGroup = operation({
  name: 'userGroups.get',
  summary: 'A user group with its members.',
  http: { method: 'GET', path: '/user-groups/:userGroupId', status: 200 },
  access: 'user',
  input: z.strictObject({ userGroupId }),
  output: UserGroupWithMembers,
  errors: ['USER_GROUP_NOT_FOUND'],
});

export const createUserGroup = operation({
  name: 'admin.createUserGroup',
  summary: 'Add a user group, which messages can mention.',
  http: { method: 'POST', path: at, status: 201 },
  access: 'admin',
  idempotencyKey: 'record',
  scope: 'user-groups:write',
  input: z.strictObject({ handle, name, memberIds: memberIds.optional() }),
  output: UserGroupWithMembers,
  errors: ['USER_GROUP_HANDLE_TAKEN', 'USER_GROUP_LIMIT_REACHED', 'USER_GROUP_MEMBER_INVALID'],
});

export const updateUserGroup = operation({
  name: 'admin.updateUserGroup',
  summary: 'Change a user group; an absent field is unchanged, and `memberIds` replaces all members.',
  http: { method: 'PATCH', path: `${at}/:userGroupId`, status: 200 },
  access: 'admin',
  idempotencyKey: 'record',
  scope: 'user-groups:write',
  input: z.strictObject({ userGroupId, handle: handle.optional(), name: name.optional(), memberIds: memberIds.optional() }),
  output: UserGroupWithMembers,
  errors: ['USER_GROUP_NOT_FOUND', 'USER_GROUP_HANDLE_TAKEN', 'USER_GROUP_MEMBER_INVALID'],
});

export const deleteUserGroup = operation({
  name: 'admin.deleteUserGroup',
  summary: 'Delete a user group. Whom messages mentioned through it stays mentioned.',
  http: { method: 'DELETE', path: `${at}/:userGroupId`, status: 204 },
  access: 'admin',
  idempotencyKey: 'record',
  scope: 'user-groups:write',
  input: z.strictObject({ userGroupId }),
  errors: ['USER_GROUP_NOT_FOUND'],
});
