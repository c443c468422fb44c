import { mailErrors } from '@coucou/domain/auth/mailed-link';
import { authErrors } from '@coucou/domain/auth/session';
import { errors } from '@coucou/domain/kernel/errors';
import { addSeconds, isPast } from '@coucou/domain/kernel/time';
import type { User } from '@coucou/domain/users/user';
import type { Actor, UserCall } from '../kernel/call.ts';
import type { Ports } from '../kernel/token.ts';
import { Clock } from '../ports/clock.ts';
import { PasswordHasher } from '../ports/password-hasher.ts';
import type { UnitOfWork, Writing } from '../ports/unit-of-work.ts';
import { Users } from '../users/repositories.ts';
import { GuessLimits } from './guess-limits.ts';
import { Credentials, Sessions } from './repositories.ts';

/** A stolen session is not to change what its owner signs in with, unless it was stolen within the last minutes. */
const RECENT_SECONDS = 600;

export const recentSignInPorts = { clock: Clock, hasher: PasswordHasher, guesses: GuessLimits };
export const recentSignInRepositories = { users: Users, sessions: Sessions, credentials: Credentials };

type Given = Ports<typeof recentSignInPorts> & Readonly<{ uow: UnitOfWork<Ports<typeof recentSignInRepositories>> }>;

/**
 * Locks the person, and throws `SESSION_REVOKED` where the session has ended: whoever was thrown out as not the owner of the mailbox attaches
 * nothing any more, however close behind.
 */
export async function requireLiveSession(
  tx: Writing<Pick<Ports<typeof recentSignInRepositories>, 'sessions' | 'credentials'>>,
  { userId, sessionId }: Actor,
): Promise<void> {
  await tx.credentials.lock(userId);
  const session = await tx.sessions.lookup(sessionId);
  if (session === undefined || session.revoked !== undefined) throw authErrors.SESSION_REVOKED();
}

/** Who asks, once they have given their password or signed in lately. Throws `REAUTHENTICATION_REQUIRED`, `INVALID_CREDENTIALS`, `RATE_LIMITED`. */
export async function requireRecentSignIn(
  { uow, clock, hasher, guesses }: Given,
  { account, actor, client }: UserCall,
  password: string | undefined,
): Promise<Readonly<{ user: User; hasPassword: boolean }>> {
  const { user, session, passwordHash } = await uow.read(account, async (tx) => ({
    user: await tx.users.lookup(actor.userId),
    session: await tx.sessions.lookup(actor.sessionId),
    passwordHash: (await tx.users.lookupCredentials(actor.userId))?.passwordHash,
  }));
  if (user === undefined || session === undefined) throw errors.UNAUTHENTICATED();
  const known = { user, hasPassword: passwordHash !== undefined };
  if (password === undefined) {
    if (isPast(addSeconds(session.createdAt, RECENT_SECONDS), clock.now()))
      throw mailErrors.REAUTHENTICATION_REQUIRED({ by: known.hasPassword ? 'password' : 'sign-in' });
    return known;
  }
  // The session is a device of this person, so strangers use up no tries of it.
  const guess = { kind: 'password', account, ip: client.ip, of: user.id, device: session.id } as const;
  await guesses.attempt(guess, [authErrors.INVALID_CREDENTIALS.code], async () => {
    if (!(await hasher.verify(password, passwordHash, client.ip))) throw authErrors.INVALID_CREDENTIALS();
  });
  return known;
}
