import { PasswordHasher } from '@coucou/application/ports/password-hasher';
import { AccountDirectory } from '@coucou/application/ports/accounts';
import { OpaqueTokens } from '@coucou/application/ports/tokens';
import { unitOfWork } from '@coucou/application/ports/unit-of-work';
import { Suspensions } from '@coucou/application/moderation/repositories';
import { Users } from '@coucou/application/users/repositories';
import { DEFAULT_CLIENT_KEY } from '@coucou/domain/accounts/account';
import type { Container } from '../composition/container.ts';
import { createFindDemoPeople } from './password-check.ts';

const ports = {
  uow: unitOfWork({ users: Users, suspensions: Suspensions }),
  hasher: PasswordHasher,
  opaque: OpaqueTokens,
  accounts: AccountDirectory,
};

/**
 * Closes the accounts of the demo people for good and answers their usernames: a random password that nobody has seen, and suspended,
 * which ends their sessions at the next refresh and hides them from searches. Their messages stay: other people have them as well.
 */
export async function removeDemoPeople(container: Container): Promise<readonly string[]> {
  const { uow, hasher, opaque, accounts } = container.portsOf(ports);
  const account = await accounts.byClientKey(DEFAULT_CLIENT_KEY);
  if (account === undefined) return [];
  const found = await createFindDemoPeople(container)(account);
  const closing = await Promise.all(found.map(async ({ id }) => ({ id, passwordHash: await hasher.hash(opaque.generate(), '') })));
  await uow.write(account, async ({ users, suspensions }) => {
    for (const { id, passwordHash } of closing) {
      await users.setPassword(id, passwordHash);
      await suspensions.set(id, true);
    }
  });
  return found.map(({ username }) => username);
}
