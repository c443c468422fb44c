import { accountActions } from '@coucou/domain/accounts/audit-actions';
import { Administration } from '@coucou/domain/users/administration';
import { type AccountRole, User } from '@coucou/domain/users/user';
import { AuditLog } from '../audit/audit-log.ts';
import { auditPorts, recordAudit } from '../audit/record-audit.ts';
import { requireRecentSignIn } from '../auth/reauthenticate.ts';
import { requirePassword } from '../auth/require-password.ts';
import { Sessions } from '../auth/repositories.ts';
import { adminUseCase } from '../kernel/use-case.ts';
import { PasswordHasher } from '../ports/password-hasher.ts';
import { RefusedPasswords } from '../ports/refused-passwords.ts';
import { unitOfWork } from '../ports/unit-of-work.ts';
import { UserAdministration, Users } from '../users/repositories.ts';
import type { AdminUser } from './admin-user-reader.ts';
import { rankOf } from './authority-rank.ts';
import { OwnAccounts } from './repositories.ts';

export type CreateUser = Readonly<{
  username: string;
  email?: string | undefined;
  emailVerified: boolean;
  password?: string | undefined;
  displayName?: string | undefined;
  role: Exclude<AccountRole, 'guest'>;
  externalId?: string | undefined;
}>;

/** The rules of signing up bind those who come by themselves; who is created here was let in. */
export const createUser = adminUseCase({
  name: 'admin.createUser',
  deps: {
    uow: unitOfWork({
      users: Users,
      administration: UserAdministration,
      accounts: OwnAccounts,
      sessions: Sessions,
      auditLog: AuditLog,
    }),
    hasher: PasswordHasher,
    refused: RefusedPasswords,
    ...auditPorts,
  },
  async run({ uow, hasher, refused, ...ports }, input: CreateUser, call): Promise<AdminUser> {
    const { password, externalId, role, email, emailVerified } = input;
    Administration.requireSubject(rankOf(call.authority), role);
    const account = await uow.read(call.account, async (tx) => {
      if (role !== 'member') await requireRecentSignIn(ports, tx, call);
      return tx.accounts.own();
    });
    const owner = { username: input.username, email, displayName: input.displayName };
    if (password !== undefined) requirePassword(refused, password, { account, owner, hasSecondFactor: false });
    const passwordHash = password === undefined ? undefined : await hasher.hash(password, call.client.ip);
    const signedUp = User.signUp({ ...owner, accountId: call.account, id: ports.ids.next(), now: ports.clock.now() });
    const user: User = { ...signedUp, role, emailVerified: email !== undefined && emailVerified };
    await uow.write(call.account, async (tx) => {
      await tx.users.add(user, passwordHash);
      if (externalId !== undefined) await tx.administration.setExternalId(user.id, externalId);
      await recordAudit(ports, tx, call, accountActions.user_created, { target: user.id, details: { role } });
    });
    return { user, suspendedAt: undefined, mutedUntil: undefined, externalId };
  },
});
