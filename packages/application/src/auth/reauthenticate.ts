import { mailErrors } from '@coucou/domain/auth/mailed-link';
import { authErrors } from '@coucou/domain/auth/session';
import { errors } from '@coucou/domain/kernel/errors';
import type { User } from '@coucou/domain/users/user';
import type { Credentials } from '@coucou/domain/users/user-repository';
import { addSeconds, isPast } from '@coucou/domain/kernel/time';
import type { UserCall } from '../kernel/call.ts';
import type { Ports } from '../kernel/token.ts';
import { Clock } from '../ports/clock.ts';
import { PasswordHasher } from '../ports/password-hasher.ts';
import { unitOfWork } from '../ports/unit-of-work.ts';
import { Users } from '../users/repositories.ts';
import { GuessLimits } from './guess-limits.ts';
import { Sessions } from './repositories.ts';

/** How long a sign-in counts as recent. A stolen session changes nothing unless it was stolen within this time. */
const RECENT_SECONDS = 600;

export const reauthenticationPorts = {
  reading: unitOfWork({ users: Users, sessions: Sessions }),
  hasher: PasswordHasher,
  guesses: GuessLimits,
  clock: Clock,
};

/** `password`: always, where there is one. `recent sign-in`: that, or the password. */
export type Proof = 'password' | 'recent sign-in';

/**
 * A token alone changes nothing by which somebody signs in (ASVS 5.0, 7.5.1): the password is needed as well, or a recent sign-in, which
 * is all that people without a password can show. Throws `REAUTHENTICATION_REQUIRED`, `INVALID_CREDENTIALS` and `RATE_LIMITED`. Answers the
 * person; that the security version is still the same is asked again with the person locked.
 */
export async function reauthenticate(
  { reading, hasher, guesses, clock }: Ports<typeof reauthenticationPorts>,
  { account, actor, client }: UserCall,
  password: string | undefined,
  needed: Proof = 'password',
): Promise<Readonly<{ user: User }> & Credentials> {
  const { user, session, credentials } = await reading.read(account, async (tx) => ({
    user: await tx.users.lookup(actor.userId),
    session: await tx.sessions.lookup(actor.sessionId),
    credentials: await tx.users.lookupCredentials(actor.userId),
  }));
  if (user === undefined || session === undefined || credentials === undefined) throw errors.UNAUTHENTICATED();
  const { passwordHash } = credentials;
  const isRecent = !isPast(addSeconds(session.createdAt, RECENT_SECONDS), clock.now());
  if (passwordHash === undefined) {
    if (!isRecent) throw mailErrors.REAUTHENTICATION_REQUIRED({ by: 'sign-in' });
  } else if (password === undefined) {
    if (needed === 'password' || !isRecent) throw mailErrors.REAUTHENTICATION_REQUIRED({ by: 'password' });
  } else {
    // Counted per session, so that guesses with a stolen token do not exhaust the owner's limit.
    const guess = { kind: 'password', account, ip: client.ip, of: actor.userId, device: actor.sessionId } as const;
    await guesses.attempt(guess, [authErrors.INVALID_CREDENTIALS.code], async () => {
      if (!(await hasher.verify(password, passwordHash, client.ip))) throw authErrors.INVALID_CREDENTIALS();
    });
  }
  return { user, ...credentials };
}
