import { mailErrors } from '@coucou/domain/auth/mailed-link';
import { authErrors, type Session } from '@coucou/domain/auth/session';
import type { SessionRepository } from '@coucou/domain/auth/session-repository';
import { errors } from '@coucou/domain/kernel/errors';
import type { Instant } from '@coucou/domain/kernel/ids';
import type { User } from '@coucou/domain/users/user';
import type { Credentials } from '@coucou/domain/users/user-repository';
import { addSeconds, isPast } from '@coucou/domain/kernel/time';
import type { AdminCall, UserCall } from '../kernel/call.ts';
import type { Ports } from '../kernel/token.ts';
import { Clock } from '../ports/clock.ts';
import { PasswordHasher } from '../ports/password-hasher.ts';
import { unitOfWork } from '../ports/unit-of-work.ts';
import { GuessLimits } from './guess-limits.ts';
import { Sessions } from './repositories.ts';
import { hasWayIn, wayInPorts, wayInRepositories } from './require-way-in.ts';

/** How long a sign-in counts as recent. A stolen session changes nothing unless it was stolen within this time. */
const RECENT_SECONDS = 600;

const isRecent = ({ createdAt }: Session, now: Instant): boolean => !isPast(addSeconds(createdAt, RECENT_SECONDS), now);

/** A minted session is no sign-in: the person has shown nothing. */
const isRecentSignIn = (session: Session, now: Instant): boolean => session.method !== 'minted' && isRecent(session, now);

/**
 * Before what gives lasting control of an account: a stolen token of an administrator is good for nothing that outlives it. API keys and the
 * operator are no sessions; what a key may hand on is bounded by its scopes and rank. Throws `REAUTHENTICATION_REQUIRED` and `SESSION_REVOKED`.
 */
export async function requireRecentSignIn(
  { clock }: Readonly<{ clock: Clock }>,
  { sessions }: Readonly<{ sessions: SessionRepository }>,
  { authority, actor }: AdminCall,
): Promise<void> {
  if (authority.by !== 'person') return;
  const session = actor && (await sessions.lookup(actor.sessionId));
  if (session === undefined || session.revoked !== undefined) throw authErrors.SESSION_REVOKED();
  if (!isRecentSignIn(session, clock.now())) throw mailErrors.REAUTHENTICATION_REQUIRED({ by: 'sign-in' });
}

export const reauthenticationPorts = {
  ...wayInPorts,
  reading: unitOfWork({ ...wayInRepositories, sessions: Sessions }),
  hasher: PasswordHasher,
  guesses: GuessLimits,
  clock: Clock,
};

/** `password`: always, where there is one. `recent sign-in`: that, or the password. */
export type Proof = 'password' | 'recent sign-in';

/**
 * A token alone changes nothing by which somebody signs in (ASVS 5.0, 7.5.1): the password is needed as well, or a recent sign-in, which
 * is all that people without a password can show. Who has no way to sign in by themselves can show a session that was minted of late: the
 * account's server is all that vouches for them. Throws `REAUTHENTICATION_REQUIRED`, `INVALID_CREDENTIALS` and `RATE_LIMITED`. Answers the
 * person; that the security version is still the same is asked again with the person locked.
 */
export async function reauthenticate(
  { reading, hasher, guesses, clock, mailer }: Ports<typeof reauthenticationPorts>,
  { account, actor, client }: UserCall,
  password: string | undefined,
  needed: Proof = 'password',
): Promise<Readonly<{ user: User }> & Credentials> {
  const { user, credentials, isRecentlyIn } = await reading.read(account, async (tx) => {
    const session = await tx.sessions.lookup(actor.sessionId);
    const now = clock.now();
    return {
      user: await tx.users.lookup(actor.userId),
      credentials: await tx.users.lookupCredentials(actor.userId),
      isRecentlyIn:
        session && (isRecentSignIn(session, now) || (isRecent(session, now) && !(await hasWayIn({ mailer }, tx, actor.userId)))),
    };
  });
  if (user === undefined || isRecentlyIn === undefined || credentials === undefined) throw errors.UNAUTHENTICATED();
  const { passwordHash } = credentials;
  if (passwordHash === undefined) {
    if (!isRecentlyIn) throw mailErrors.REAUTHENTICATION_REQUIRED({ by: 'sign-in' });
  } else if (password === undefined) {
    if (needed === 'password' || !isRecentlyIn) throw mailErrors.REAUTHENTICATION_REQUIRED({ by: 'password' });
  } else {
    // Counted per session, so that guesses with a stolen token do not exhaust the owner's limit.
    const guess = { kind: 'password', account, ip: client.ip, of: actor.userId, device: actor.sessionId } as const;
    await guesses.attempt(guess, [authErrors.INVALID_CREDENTIALS.code], async () => {
      if (!(await hasher.verify(password, passwordHash, client.ip))) throw authErrors.INVALID_CREDENTIALS();
    });
  }
  return { user, ...credentials };
}
