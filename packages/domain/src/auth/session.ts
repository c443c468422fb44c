import { defineErrors } from '../kernel/errors.ts';
import type { AccountId, Instant, SessionId, UserId } from '../kernel/ids.ts';
import { addSeconds, isPast } from '../kernel/time.ts';

export const authErrors = defineErrors('', {
  INVALID_CREDENTIALS: ['unauthenticated', 'The identifier or the password is wrong.'],
  TOKEN_EXPIRED: ['unauthenticated', 'The access token has expired; refresh it.'],
  SESSION_REVOKED: ['unauthenticated', 'This session has ended; sign in again.'],
  REFRESH_TOKEN_REUSED: ['unauthenticated', 'This refresh token was already used, so its session has ended; sign in again.'],
  CSRF_FAILED: ['forbidden', 'This call came with a cookie, so it needs the X-CSRF-Token of its session and a page that is allowed here.'],
  EMAIL_NOT_VERIFIED: ['forbidden', 'Confirm your e-mail address by the link that was sent to it, then refresh the token.'],
  SESSION_NOT_FOUND: ['not_found', 'There is no such session.'],
  PASSWORD_TOO_WEAK: ['invalid', 'Choose a password that is harder to guess.'],
});

/** How a session was opened. */
export type SignInMethod = 'password' | 'magic_link' | 'oauth' | 'passkey' | 'guest' | 'minted' | 'external';

/** Why a session ended before its time. `unproven`: it was opened before anybody had proven to own the e-mail address. */
export type RevocationReason =
  | 'logout'
  | 'revoked'
  | 'replayed'
  | 'password_changed'
  | 'role_changed'
  | 'second_factor_demanded'
  | 'unproven'
  | 'deleted';

/**
 * A session is one device and one row. Its tokens are numbered: those of the opening are of rotation 0, and each refresh makes those of
 * the next one. Of refresh tokens only SHA-256 hashes are kept, hex: the current one's, and that of the spent one before it.
 */
export type Session = Readonly<{
  accountId: AccountId;
  id: SessionId;
  userId: UserId;
  ip: string;
  userAgent: string;
  method: SignInMethod;
  createdAt: Instant;
  lastUsedAt: Instant;
  expiresAt: Instant;
  revoked: Readonly<{ at: Instant; reason: RevocationReason }> | undefined;
  rotation: number;
  rotatedAt: Instant;
  tokenHash: string;
  /** The spent token, and the current one sealed under it: who lost the answer to a refresh gets it again. */
  previous: Readonly<{ tokenHash: string; sealedSuccessor: string }> | undefined;
  /** The newest rotation whose access token has been used; -1 for none. */
  usedRotation: number;
  /** Of the key that the session is bound to (JWK thumbprint, RFC 7638, SHA-256). */
  keyThumbprint: string | undefined;
}>;

/** How long a session lives unused, and at the most; in seconds. */
export type SessionLifetimes = Readonly<{ ttlSeconds: number; lifetimeSeconds?: number | undefined }>;

export type NewSession = Pick<Session, 'accountId' | 'id' | 'userId' | 'ip' | 'userAgent' | 'method' | 'tokenHash' | 'keyThumbprint'> &
  Readonly<{ now: Instant; lifetimes: SessionLifetimes }>;

function expiryOf(createdAt: Instant, now: Instant, { ttlSeconds, lifetimeSeconds }: SessionLifetimes): Instant {
  const unused = addSeconds(now, ttlSeconds);
  if (lifetimeSeconds === undefined) return unused;
  const longest = addSeconds(createdAt, lifetimeSeconds);
  return isPast(longest, unused) ? longest : unused;
}

function open({ lifetimes, now, ...rest }: NewSession): Session {
  return {
    ...rest,
    createdAt: now,
    lastUsedAt: now,
    expiresAt: expiryOf(now, now, lifetimes),
    revoked: undefined,
    rotation: 0,
    rotatedAt: now,
    previous: undefined,
    usedRotation: -1,
  };
}

/** What a client presents: the number of its refresh token, and the token's hash. */
export type PresentedToken = Readonly<{ rotation: number; tokenHash: string }>;

/** `rotate`: a new successor. `recover`: the one that was made before. `replay`: end the session. `unknown`: no token of this session. */
export type RefreshDecision = 'rotate' | 'recover' | 'replay' | 'unknown';

/**
 * Decides what a refresh token is good for. A spent one recovers its successor as long as neither the successor nor the access token issued
 * with it has been used, since the client may never have got them, and for `graceSeconds` after the rotation in any case, since tabs race.
 * After that it is a replay, and an older one always is. (The rule of Matrix Authentication Service.)
 */
function decideRefresh(session: Session, { rotation, tokenHash }: PresentedToken, now: Instant, graceSeconds: number): RefreshDecision {
  if (rotation === session.rotation) return tokenHash === session.tokenHash ? 'rotate' : 'unknown';
  if (rotation > session.rotation || rotation < 0) return 'unknown';
  if (rotation < session.rotation - 1) return 'replay';
  if (tokenHash !== session.previous?.tokenHash) return 'unknown';
  const isUsed = session.usedRotation >= session.rotation;
  return isUsed && isPast(addSeconds(session.rotatedAt, graceSeconds), now) ? 'replay' : 'recover';
}

/** The session after a refresh: its end moves, and the token presented becomes the spent one. */
const rotate = (
  session: Session,
  successor: Readonly<{ tokenHash: string; sealed: string }>,
  now: Instant,
  lifetimes: SessionLifetimes,
): Session => ({
  ...session,
  lastUsedAt: now,
  expiresAt: expiryOf(session.createdAt, now, lifetimes),
  rotation: session.rotation + 1,
  rotatedAt: now,
  tokenHash: successor.tokenHash,
  previous: { tokenHash: session.tokenHash, sealedSuccessor: successor.sealed },
});

export const Session = { open, decideRefresh, rotate };
