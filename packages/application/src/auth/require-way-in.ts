import { identityErrors } from '@coucou/domain/auth/identity';
import type { UserId } from '@coucou/domain/kernel/ids';
import type { Ports } from '../kernel/token.ts';
import { Mailer } from '../ports/mailer.ts';
import { Users } from '../users/repositories.ts';
import { Identities, Passkeys } from './repositories.ts';

export const wayInRepositories = { users: Users, identities: Identities, passkeys: Passkeys };
export const wayInPorts = { mailer: Mailer };

/** Whether somebody can sign in by themselves: by password, identity or passkey, or by a link to a mailbox that is proven to be theirs. */
export async function hasWayIn(
  { mailer }: Ports<typeof wayInPorts>,
  { users, identities, passkeys }: Ports<typeof wayInRepositories>,
  userId: UserId,
): Promise<boolean> {
  if ((await users.lookupCredentials(userId))?.passwordHash !== undefined) return true;
  if (mailer.isAvailable && (await users.lookup(userId))?.emailVerified === true) return true;
  return (await identities.list(userId)).length > 0 || (await passkeys.list(userId)).length > 0;
}

/**
 * Asked after one was taken away, with the person locked, since two at once could each leave the other as the way in that stays. Throws
 * `LAST_WAY_IN` where there is none left.
 */
export async function requireWayIn(
  ports: Ports<typeof wayInPorts>,
  repositories: Ports<typeof wayInRepositories>,
  userId: UserId,
): Promise<void> {
  if (!(await hasWayIn(ports, repositories, userId))) throw identityErrors.LAST_WAY_IN();
}
