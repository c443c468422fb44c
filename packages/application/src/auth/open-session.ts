import type { SessionRepository } from '@coucou/domain/auth/session-repository';
import type { UserRepository } from '@coucou/domain/users/user-repository';
import type { SuspensionRepository } from '@coucou/domain/moderation/moderation-repositories';
import { type RefreshToken } from '@coucou/domain/auth/session-repository';
import { Session } from '@coucou/domain/auth/session';
import type { Instant } from '@coucou/domain/kernel/ids';
import type { User } from '@coucou/domain/users/user';
import type { Call } from '../kernel/call.ts';
import type { Ports } from '../kernel/token.ts';
import { Clock } from '../ports/clock.ts';
import { Ids } from '../ports/ids.ts';
import { SessionSettings } from './session-settings.ts';
import { AccessTokens, OpaqueTokens } from '../ports/tokens.ts';
import type { Writing } from '../ports/unit-of-work.ts';

export type Authenticated = Readonly<{
  user: User;
  session: Session;
  accessToken: string;
  accessTokenExpiresAt: Instant;
  refreshToken: string;
}>;

export const sessionPorts = { clock: Clock, ids: Ids, settings: SessionSettings, access: AccessTokens, opaque: OpaqueTokens };
type SessionPorts = Ports<typeof sessionPorts>;

/** A refresh token for the session, ready to store; the plain token is answered once and never stored. */
export function newRefreshToken(opaque: SessionPorts['opaque'], session: Session): Readonly<{ plain: string; stored: RefreshToken }> {
  const plain = opaque.generate();
  return {
    plain,
    stored: {
      accountId: session.accountId,
      sessionId: session.id,
      tokenHash: opaque.hash(plain),
      issuedAt: session.lastUsedAt,
      expiresAt: session.expiresAt,
      spentAt: undefined,
    },
  };
}

/** Opens a session for this device; shared by sign-up and login. */
export async function openSession(
  ports: SessionPorts,
  tx: Writing<{ sessions: SessionRepository; users: UserRepository; suspensions: SuspensionRepository }>,
  user: User,
  call: Call,
): Promise<Readonly<{ session: Session; refreshToken: string }>> {
  const session = Session.open({
    accountId: user.accountId,
    id: ports.ids.next(),
    userId: user.id,
    ip: call.client.ip,
    userAgent: call.client.userAgent,
    now: ports.clock.now(),
    ttlSeconds: ports.settings.refreshTokenTtlSeconds,
  });
  const refresh = newRefreshToken(ports.opaque, session);
  await tx.sessions.add(session);
  await tx.sessions.addRefreshToken(refresh.stored);
  return { session, refreshToken: refresh.plain };
}

export async function withAccessToken(
  access: SessionPorts['access'],
  opened: Readonly<{ user: User; session: Session; refreshToken: string }>,
): Promise<Authenticated> {
  const { session } = opened;
  const issued = await access.issue(session.accountId, { userId: session.userId, sessionId: session.id });
  return { ...opened, accessToken: issued.token, accessTokenExpiresAt: issued.expiresAt };
}
