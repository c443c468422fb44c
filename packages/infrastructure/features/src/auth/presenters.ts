import type { Answered } from '@coucou/application/auth/answer-challenge';
import type { Authenticated } from '@coucou/application/auth/open-session';
import type { PasswordHint } from '@coucou/application/auth/password-hint';
import type { Refreshed } from '@coucou/application/auth/refresh';
import type { me } from '@coucou/contracts/auth/me';
import type { passwordHint } from '@coucou/contracts/auth/passwords';
import type { refresh } from '@coucou/contracts/auth/refresh';
import type { answerChallenge } from '@coucou/contracts/auth/second-factor';
import type { Authenticated as WireAuthenticated, Session as WireSession } from '@coucou/contracts/auth/session';
import type { listSessions } from '@coucou/contracts/auth/sessions';
import type { UserCall } from '@coucou/application/kernel/call';
import type { Session } from '@coucou/domain/auth/session';
import { strengthSuggestions, strengthWarnings } from '@coucou/domain/auth/password-strength';
import type { User } from '@coucou/domain/users/user';
import type { z } from 'zod';
import { presentOwnUser } from '../users/presenters.ts';
import { deviceOf } from './device.ts';

/** The session of the token that asks is the current one. */
export const presentSession = (session: Session, current: boolean): z.infer<typeof WireSession> => ({
  id: session.id,
  current,
  ip: session.ip,
  userAgent: session.userAgent,
  ...deviceOf(session.userAgent),
  createdAt: session.createdAt.toISOString(),
  lastUsedAt: session.lastUsedAt.toISOString(),
  expiresAt: session.expiresAt.toISOString(),
});

export const presentAuthenticated = (result: Authenticated): z.infer<typeof WireAuthenticated> => ({
  user: presentOwnUser(result.user),
  session: presentSession(result.session, true),
  accessToken: result.accessToken,
  accessTokenExpiresAt: result.accessTokenExpiresAt.toISOString(),
  tokenType: result.session.keyThumbprint === undefined ? 'Bearer' : 'DPoP',
  refreshToken: result.refreshToken,
  refreshTokenExpiresAt: result.session.expiresAt.toISOString(),
  ...(result.deviceToken !== undefined && { deviceToken: result.deviceToken }),
});

export const presentRefreshed = (result: Refreshed): z.infer<NonNullable<(typeof refresh)['output']>> => ({
  ...presentAuthenticated(result),
  refresh: result.refresh,
});

export const presentAnswered = (result: Answered): z.infer<NonNullable<(typeof answerChallenge)['output']>> => ({
  ...presentAuthenticated(result),
  ...(result.recoveryCodes !== undefined && { recoveryCodes: [...result.recoveryCodes] }),
});

export const presentMe = (result: Readonly<{ user: User; session: Session }>): z.infer<NonNullable<(typeof me)['output']>> => ({
  user: presentOwnUser(result.user),
  session: presentSession(result.session, true),
});

export const presentSessions = (
  sessions: readonly Session[],
  { actor }: UserCall,
): z.infer<NonNullable<(typeof listSessions)['output']>> => ({
  items: sessions.map((session) => presentSession(session, session.id === actor.sessionId)),
});

export const presentPasswordHint = ({
  score,
  warning,
  suggestions,
  fault,
}: PasswordHint): z.infer<NonNullable<(typeof passwordHint)['output']>> => ({
  score,
  warning: warning === undefined ? null : { code: warning, text: strengthWarnings[warning] },
  suggestions: suggestions.map((code) => ({ code, text: strengthSuggestions[code] })),
  accepted: fault === undefined,
  refusal: fault ?? null,
});
