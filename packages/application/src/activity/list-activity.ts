import { errors } from '@coucou/domain/kernel/errors';
import type { UserId } from '@coucou/domain/kernel/ids';
import { Administration } from '@coucou/domain/users/administration';
import { userErrors } from '@coucou/domain/users/user';
import type { UserRepository } from '@coucou/domain/users/user-repository';
import type { UserCall } from '../kernel/call.ts';
import { adminUseCase, useCase } from '../kernel/use-case.ts';
import { type UnitOfWork, unitOfWork } from '../ports/unit-of-work.ts';
import { Users } from '../users/repositories.ts';
import { ActivityReader } from './activity-reader.ts';

type Paged = Readonly<{ limit: number; cursor?: string | undefined }>;
type OfUser = Paged & Readonly<{ userId: UserId }>;
type OfAnybody = Paged & Readonly<{ userId?: UserId | undefined }>;

const deps = { reader: ActivityReader, uow: unitOfWork({ users: Users }) };

/** One's own history, or anybody's for who administers the account; to all others no id says whether there is such a person. */
async function requireOwnOrAdmin(uow: UnitOfWork<{ users: UserRepository }>, userId: UserId, { account, actor }: UserCall): Promise<void> {
  if (userId === actor.userId) return;
  const people = await uow.read(account, (tx) => tx.users.lookupMany([actor.userId, userId]));
  const role = people.find(({ id }) => id === actor.userId)?.role;
  if (!Administration.administers(role)) throw errors.FORBIDDEN({ reason: 'for oneself, and for owners and admins of the account' });
  if (!people.some(({ id }) => id === userId)) throw userErrors.USER_NOT_FOUND();
}

export const listConnectionHistory = useCase({
  name: 'users.connectionHistory',
  deps,
  async run({ reader, uow }, { userId, limit, cursor }: OfUser, call) {
    await requireOwnOrAdmin(uow, userId, call);
    return reader.listConnections(call.account, userId, { limit, cursor });
  },
});

export const listPresenceHistory = useCase({
  name: 'users.presenceHistory',
  deps,
  async run({ reader, uow }, { userId, limit, cursor }: OfUser, call) {
    await requireOwnOrAdmin(uow, userId, call);
    return reader.listPresence(call.account, userId, { limit, cursor });
  },
});

export const listConnectionLog = adminUseCase({
  name: 'admin.listConnectionLogs',
  deps: { reader: ActivityReader },
  run: ({ reader }, { userId, limit, cursor }: OfAnybody, { account }) => reader.listConnections(account, userId, { limit, cursor }),
});

export const listPresenceLog = adminUseCase({
  name: 'admin.listPresenceLogs',
  deps: { reader: ActivityReader },
  run: ({ reader }, { userId, limit, cursor }: OfAnybody, { account }) => reader.listPresence(account, userId, { limit, cursor }),
});
