import { accountActions } from '@coucou/domain/accounts/audit-actions';
import type { AccountId } from '@coucou/domain/kernel/ids';
import { User } from '@coucou/domain/users/user';
import { AuditLog } from '../audit/audit-log.ts';
import { auditPorts, recordAudit } from '../audit/record-audit.ts';
import { requirePassword } from '../auth/require-password.ts';
import type { Ports } from '../kernel/token.ts';
import { PasswordHasher } from '../ports/password-hasher.ts';
import { RefusedPasswords } from '../ports/refused-passwords.ts';
import { unitOfWork } from '../ports/unit-of-work.ts';
import { UserAdministration, Users } from '../users/repositories.ts';
import { operatorCall } from './operator-call.ts';
import { OwnAccounts } from './repositories.ts';

export const firstOwnerPorts = {
  uow: unitOfWork({ users: Users, administration: UserAdministration, accounts: OwnAccounts, auditLog: AuditLog }),
  hasher: PasswordHasher,
  refused: RefusedPasswords,
  ...auditPorts,
};

const USERNAME = 'admin';

/**
 * Makes somebody the owner of an account that has none. False where there is an owner. Nobody who is there already is made one: anybody
 * could have signed up with the address. Throws `PASSWORD_TOO_WEAK`, `EMAIL_TAKEN` and `USERNAME_TAKEN`.
 */
export async function createFirstOwner(
  { uow, hasher, refused, ...ports }: Ports<typeof firstOwnerPorts>,
  account: AccountId,
  { email, password }: Readonly<{ email: string; password: string }>,
): Promise<boolean> {
  const { own, owners } = await uow.write(account, async (tx) => ({
    own: await tx.accounts.own(),
    owners: await tx.administration.lockOwners(),
  }));
  if (owners.length > 0) return false;
  requirePassword(refused, password, { account: own, owner: { username: USERNAME, email }, hasSecondFactor: false });
  const passwordHash = await hasher.hash(password, '');
  const owner = { accountId: account, id: ports.ids.next<'user'>(), username: USERNAME, email, displayName: undefined };
  // The operator says whose mailbox it is.
  const user: User = { ...User.signUp({ ...owner, emailVerified: true, now: ports.clock.now() }), role: 'owner' };
  return uow.write(account, async (tx) => {
    if ((await tx.administration.lockOwners()).length > 0) return false;
    await tx.users.add(user, passwordHash);
    await recordAudit(ports, tx, operatorCall(account), accountActions.user_created, {
      target: user.id,
      details: { role: 'owner' },
    });
    return true;
  });
}
