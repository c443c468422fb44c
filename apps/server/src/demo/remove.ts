import { operatorCall } from '@coucou/application/accounts/operator-call';
import { AuditLog } from '@coucou/application/audit/audit-log';
import { auditPorts, recordAudit } from '@coucou/application/audit/record-audit';
import { PasswordHasher } from '@coucou/application/ports/password-hasher';
import { AccountDirectory } from '@coucou/application/ports/accounts';
import { OpaqueTokens } from '@coucou/application/ports/tokens';
import { unitOfWork } from '@coucou/application/ports/unit-of-work';
import { Suspensions } from '@coucou/application/moderation/repositories';
import { Users } from '@coucou/application/users/repositories';
import { DEFAULT_CLIENT_KEY } from '@coucou/domain/accounts/account';
import { accountActions } from '@coucou/domain/accounts/audit-actions';
import type { Container } from '../composition/container.ts';
import { createFindDemoPeople } from './password-check.ts';

const ports = {
  uow: unitOfWork({ users: Users, suspensions: Suspensions, auditLog: AuditLog }),
  ...auditPorts,
  hasher: PasswordHasher,
  opaque: OpaqueTokens,
  accounts: AccountDirectory,
};

/**
 * Closes the accounts of the demo people for good and answers their usernames: a random password that nobody has seen, and suspended,
 * which ends their sessions at the next refresh and hides them from searches. Their messages stay: other people have them as well.
 */
export async function removeDemoPeople(container: Container): Promise<readonly string[]> {
  const { uow, hasher, opaque, accounts, ...audited } = container.portsOf(ports);
  const account = await accounts.byClientKey(DEFAULT_CLIENT_KEY);
  if (account === undefined) return [];
  const found = await createFindDemoPeople(container)(account);
  const closing = await Promise.all(found.map(async ({ id }) => ({ id, passwordHash: await hasher.hash(opaque.generate(), '') })));
  await uow.write(account, async (tx) => {
    for (const { id, passwordHash } of closing) {
      await tx.users.setPassword(id, passwordHash);
      await tx.suspensions.set(id, true);
      await recordAudit(audited, tx, operatorCall(account), accountActions.user_suspended, { target: id });
    }
  });
  return found.map(({ username }) => username);
}
