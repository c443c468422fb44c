import { defineErrors } from '../kernel/errors.ts';
import type { AccountId, Instant, SessionId, UserId } from '../kernel/ids.ts';
import { addSeconds } from '../kernel/time.ts';

export const authErrors = defineErrors('', {
  INVALID_CREDENTIALS: ['unauthenticated', 'The identifier or the password is wrong.'],
  TOKEN_EXPIRED: ['unauthenticated', 'The access token has expired; refresh it.'],
  SESSION_REVOKED: ['unauthenticated', 'This session has ended; sign in again.'],
  REFRESH_TOKEN_REUSED: ['unauthenticated', 'This refresh token was already used; sign in again.'],
  PASSWORD_TOO_WEAK: ['invalid', 'Choose a password that is harder to guess.'],
});

/** A session is one device and one family of refresh tokens. */
export type Session = Readonly<{
  accountId: AccountId;
  id: SessionId;
  userId: UserId;
  ip: string;
  userAgent: string;
  createdAt: Instant;
  lastUsedAt: Instant;
  expiresAt: Instant;
  revokedAt: Instant | undefined;
}>;

export type NewSession = Readonly<{
  accountId: AccountId;
  id: SessionId;
  userId: UserId;
  ip: string;
  userAgent: string;
  now: Instant;
  ttlSeconds: number;
}>;

function open({ ttlSeconds, now, ...rest }: NewSession): Session {
  return { ...rest, createdAt: now, lastUsedAt: now, expiresAt: addSeconds(now, ttlSeconds), revokedAt: undefined };
}

/** Each use of the refresh token moves the session's end. */
const renew = (session: Session, now: Instant, ttlSeconds: number): Session => ({
  ...session,
  lastUsedAt: now,
  expiresAt: addSeconds(now, ttlSeconds),
});

export const Session = { open, renew };
