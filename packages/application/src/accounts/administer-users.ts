import { accountActions } from '@coucou/domain/accounts/audit-actions';
import { authActions } from '@coucou/domain/auth/audit-actions';
import { authErrors } from '@coucou/domain/auth/session';
import type { SessionRepository } from '@coucou/domain/auth/session-repository';
import type { SessionId, UserId } from '@coucou/domain/kernel/ids';
import { limits } from '@coucou/domain/kernel/limits';
import { Administration } from '@coucou/domain/users/administration';
import { type AccountRole, type User, userErrors } from '@coucou/domain/users/user';
import { AuditLog } from '../audit/audit-log.ts';
import { auditPorts, recordAudit } from '../audit/record-audit.ts';
import { accessChanged } from '../auth/access-events.ts';
import { endSessions } from '../auth/end-sessions.ts';
import { requireRecentSignIn } from '../auth/reauthenticate.ts';
import { Sessions } from '../auth/repositories.ts';
import type { AdminCall } from '../kernel/call.ts';
import { adminUseCase } from '../kernel/use-case.ts';
import { Suspensions } from '../moderation/repositories.ts';
import { Clock } from '../ports/clock.ts';
import { CurrentMembers } from '../ports/current-members.ts';
import { unitOfWork } from '../ports/unit-of-work.ts';
import { announceProfile } from '../users/announce-profile.ts';
import { UserAdministration, UserRelations, Users } from '../users/repositories.ts';
import { rankOf } from './authority-rank.ts';
import { lockSubject, type Subject, suspendPerson } from './suspend-person.ts';

type OfUser = Readonly<{ userId: UserId }>;

const repositories = {
  users: Users,
  administration: UserAdministration,
  relations: UserRelations,
  suspensions: Suspensions,
  sessions: Sessions,
  auditLog: AuditLog,
};
const deps = { uow: unitOfWork(repositories), ...auditPorts };

async function requireSubject(tx: Pick<Subject, 'users'>, call: AdminCall, userId: UserId): Promise<User> {
  const user = await tx.users.lookup(userId);
  if (user === undefined) throw userErrors.USER_NOT_FOUND();
  Administration.requireSubject(rankOf(call.authority), user.role);
  return user;
}

export const suspendUser = adminUseCase({
  name: 'admin.suspendUser',
  deps,
  run: ({ uow, ...ports }, { userId }: OfUser, call) => uow.write(call.account, (tx) => suspendPerson(ports, tx, call, userId)),
});

export const restoreUser = adminUseCase({
  name: 'admin.restoreUser',
  deps,
  run: ({ uow, ...ports }, { userId }: OfUser, call) =>
    uow.write(call.account, async (tx) => {
      const { user } = await lockSubject(tx, userId);
      Administration.requireSubject(rankOf(call.authority), user.role);
      if ((await tx.suspensions.since(userId)) === undefined) return;
      await tx.suspensions.set(userId, false);
      tx.emit(accessChanged({ change: { is: 'restored', userId } }));
      await recordAudit(ports, tx, call, accountActions.user_restored, { target: userId });
    }),
});

export type SetRole = Readonly<{ userId: UserId; role: Exclude<AccountRole, 'guest'> }>;

/** Who has another role signs in again: what their clients show and hold is of the old one. */
export const setUserRole = adminUseCase({
  name: 'admin.setUserRole',
  deps: { ...deps, currentMembers: CurrentMembers },
  async run({ uow, currentMembers, ...ports }, { userId, role }: SetRole, call) {
    const shownIn = await currentMembers.ofUser(call.account, userId, limits.shownConversations);
    return uow.write(call.account, async (tx) => {
      await requireRecentSignIn(ports, tx, call);
      const { user, otherOwners } = await lockSubject(tx, userId);
      Administration.requireRoleChange(rankOf(call.authority), user, role, otherOwners);
      if (user.role === role) return user;
      const changed = { ...user, role };
      await tx.administration.setRole(userId, role);
      await endSessions(tx, { userId }, 'role_changed');
      await announceProfile(tx, changed, shownIn);
      await recordAudit(ports, tx, call, accountActions.role_changed, { target: userId, details: { from: user.role, to: role } });
      return changed;
    });
  },
});

export const listUserSessions = adminUseCase({
  name: 'admin.listUserSessions',
  deps: { uow: unitOfWork({ users: Users, sessions: Sessions }), clock: Clock },
  run: ({ uow, clock }, { userId }: OfUser, call) =>
    uow.read(call.account, async (tx) => {
      await requireSubject(tx, call, userId);
      return tx.sessions.list(userId, clock.now());
    }),
});

type EndTx = Parameters<typeof endSessions>[0] & Parameters<typeof recordAudit>[1] & Readonly<{ sessions: SessionRepository }>;

async function end(
  ports: Parameters<typeof recordAudit>[0],
  tx: EndTx,
  call: AdminCall,
  userId: UserId,
  only?: readonly SessionId[],
): Promise<number> {
  const { length: sessions } = await endSessions(tx, { userId, ...(only !== undefined && { only }) }, 'revoked');
  if (sessions > 0)
    await recordAudit(ports, tx, call, authActions.sessions_revoked, {
      target: userId,
      details: { sessions, sessionId: only?.[0] },
    });
  return sessions;
}

export const revokeUserSession = adminUseCase({
  name: 'admin.revokeUserSession',
  deps,
  run: ({ uow, ...ports }, { userId, sessionId }: OfUser & Readonly<{ sessionId: SessionId }>, call) =>
    uow.write(call.account, async (tx) => {
      await requireSubject(tx, call, userId);
      if ((await end(ports, tx, call, userId, [sessionId])) === 0) throw authErrors.SESSION_NOT_FOUND();
    }),
});

/** Signs somebody out everywhere. */
export const revokeUserSessions = adminUseCase({
  name: 'admin.revokeUserSessions',
  deps,
  run: ({ uow, ...ports }, { userId }: OfUser, call) =>
    uow.write(call.account, async (tx) => {
      await requireSubject(tx, call, userId);
      return { revoked: await end(ports, tx, call, userId) };
    }),
});
