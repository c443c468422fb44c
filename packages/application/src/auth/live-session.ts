import { authErrors } from '@coucou/domain/auth/session';
import type { Actor } from '../kernel/call.ts';
import type { Ports } from '../kernel/token.ts';
import type { Writing } from '../ports/unit-of-work.ts';
import { Credentials, Sessions } from './repositories.ts';

export const liveSessionRepositories = { sessions: Sessions, credentials: Credentials };

/**
 * Locks the person, and throws `SESSION_REVOKED` where the session has ended: a person whose session was dropped by the owner's proof of the mailbox cannot
 * attach a credential concurrently.
 */
export async function requireLiveSession(tx: Writing<Ports<typeof liveSessionRepositories>>, { userId, sessionId }: Actor): Promise<void> {
  await tx.credentials.lock(userId);
  const session = await tx.sessions.lookup(sessionId);
  if (session === undefined || session.revoked !== undefined) throw authErrors.SESSION_REVOKED();
}
