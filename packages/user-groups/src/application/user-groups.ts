import { AuditLog } from '@coucou/application/audit/audit-log';
import { auditPorts, recordAudit } from '@coucou/application/audit/record-audit';
import type { Ports } from '@coucou/application/kernel/token';
import { adminUseCase, useCase } from '@coucou/application/kernel/use-case';
import { unitOfWork, type Writing } from '@coucou/application/ports/unit-of-work';
import { Users } from '@coucou/application/users/repositories';
import type { UserId } from '@coucou/domain/kernel/ids';
import { userGroupActions } from '../domain/audit-actions.ts';
import { UserGroup, userGroupErrors, type UserGroupId, type UserGroupWithMembers } from '../domain/user-group.ts';
import { GroupingAccounts, UserGroups } from './user-group-repository.ts';

type OfGroup = Readonly<{ userGroupId: UserGroupId }>;

const reading = unitOfWork({ groups: UserGroups });
const repositories = { groups: UserGroups, users: Users, auditLog: AuditLog };
const deps = { uow: unitOfWork(repositories), ...auditPorts };
type Tx = Writing<Ports<typeof repositories>>;

async function requireGroup(found: Promise<UserGroupWithMembers | undefined>): Promise<UserGroupWithMembers> {
  const group = await found;
  if (group === undefined) throw userGroupErrors.NOT_FOUND();
  return group;
}

async function requirePeople({ users }: Tx, ids: readonly UserId[]): Promise<void> {
  const people = new Set((await users.lookupMany(ids)).map(({ id }) => id));
  const strangers = ids.filter((id) => !people.has(id));
  if (strangers.length > 0) throw userGroupErrors.MEMBER_INVALID({ userIds: strangers });
}

export const listUserGroups = useCase({
  name: 'userGroups.list',
  deps: { uow: reading },
  run: ({ uow }, _input: Readonly<Record<never, never>>, { account }) => uow.read(account, (tx) => tx.groups.list()),
});

export const getUserGroup = useCase({
  name: 'userGroups.get',
  deps: { uow: reading },
  run: ({ uow }, { userGroupId }: OfGroup, { account }) => uow.read(account, (tx) => requireGroup(tx.groups.lookup(userGroupId))),
});

export type CreateUserGroup = Readonly<{ handle: string; name: string; memberIds?: readonly UserId[] | undefined }>;

export const createUserGroup = adminUseCase({
  name: 'admin.createUserGroup',
  deps: { ...deps, accounts: GroupingAccounts },
  async run({ uow, accounts, ...ports }, { handle, name, memberIds = [] }: CreateUserGroup, call): Promise<UserGroupWithMembers> {
    const { account: accountId } = call;
    const id = ports.ids.next<'userGroup'>();
    const group = { accountId, id, handle, name, memberIds, memberCount: memberIds.length, createdAt: ports.clock.now() };
    await uow.write(accountId, async (tx) => {
      await tx.groups.lockAll();
      UserGroup.requireRoom(await tx.groups.count());
      if (await tx.groups.isTaken(handle, id)) throw userGroupErrors.HANDLE_TAKEN();
      await requirePeople(tx, memberIds);
      await tx.groups.add(group);
      await recordAudit(ports, tx, call, userGroupActions.user_group_created, {
        target: id,
        details: { handle, members: memberIds.length },
      });
    });
    accounts.forget(accountId);
    return group;
  },
});

export type UserGroupChange = Readonly<{ [Name in keyof CreateUserGroup]?: CreateUserGroup[Name] | undefined }>;

/** What changes nothing leaves no entry in the audit log. */
export const updateUserGroup = adminUseCase({
  name: 'admin.updateUserGroup',
  deps,
  run: ({ uow, ...ports }, { userGroupId, ...change }: OfGroup & UserGroupChange, call): Promise<UserGroupWithMembers> =>
    uow.write(call.account, async (tx) => {
      await tx.groups.lockAll();
      const before = await requireGroup(tx.groups.lookup(userGroupId));
      const { handle = before.handle, name = before.name, memberIds = before.memberIds } = change;
      const changed = [
        ...(handle === before.handle ? [] : ['handle']),
        ...(name === before.name ? [] : ['name']),
        ...(memberIds.length === before.memberIds.length && memberIds.every((id) => before.memberIds.includes(id)) ? [] : ['members']),
      ];
      if (changed.length === 0) return before;
      if (await tx.groups.isTaken(handle, userGroupId)) throw userGroupErrors.HANDLE_TAKEN();
      await requirePeople(
        tx,
        memberIds.filter((id) => !before.memberIds.includes(id)),
      );
      const after = { ...before, handle, name, memberIds, memberCount: memberIds.length };
      await tx.groups.update(after);
      await recordAudit(ports, tx, call, userGroupActions.user_group_updated, { target: userGroupId, details: { handle, changed } });
      return after;
    }),
});

export const deleteUserGroup = adminUseCase({
  name: 'admin.deleteUserGroup',
  deps,
  run: ({ uow, ...ports }, { userGroupId }: OfGroup, call): Promise<void> =>
    uow.write(call.account, async (tx) => {
      await tx.groups.lockAll();
      const { handle } = await requireGroup(tx.groups.lookup(userGroupId));
      await tx.groups.remove(userGroupId);
      await recordAudit(ports, tx, call, userGroupActions.user_group_deleted, { target: userGroupId, details: { handle } });
    }),
});
