import { identityErrors } from '@coucou/domain/auth/identity';
import type { UserId } from '@coucou/domain/kernel/ids';
import type { Ports } from '../kernel/token.ts';
import { Mailer } from '../ports/mailer.ts';
import { Users } from '../users/repositories.ts';
import { Identities, Passkeys } from './repositories.ts';

export const wayInRepositories = { users: Users, identities: Identities, passkeys: Passkeys };
export const wayInPorts = { mailer: Mailer };

/**
 * Asked after one was taken away, with the person locked, since two at once could each leave the other as the way in that stays. Throws
 * `LAST_WAY_IN` where there is neither password, identity nor passkey left, and no proven mailbox that a link can be sent to.
 */
export async function requireWayIn(
  { mailer }: Ports<typeof wayInPorts>,
  { users, identities, passkeys }: Ports<typeof wayInRepositories>,
  userId: UserId,
): Promise<void> {
  if ((await users.lookupCredentials(userId))?.passwordHash !== undefined) return;
  if (mailer.isAvailable && (await users.lookup(userId))?.emailVerified === true) return;
  if ((await identities.list(userId)).length > 0 || (await passkeys.list(userId)).length > 0) return;
  throw identityErrors.LAST_WAY_IN();
}
