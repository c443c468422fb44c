import { authErrors, Session } from '@coucou/domain/auth/session';
import { errors } from '@coucou/domain/kernel/errors';
import { isPast } from '@coucou/domain/kernel/time';
import { Suspension } from '@coucou/domain/moderation/suspension';
import { requireNamedAccount } from '../kernel/call.ts';
import { publicUseCase } from '../kernel/use-case.ts';
import { Suspensions } from '../moderation/repositories.ts';
import { unitOfWork } from '../ports/unit-of-work.ts';
import { Users } from '../users/repositories.ts';
import { newRefreshToken, sessionPorts, withAccessToken } from './open-session.ts';
import { Sessions } from './repositories.ts';

export type Refresh = Readonly<{ refreshToken: string }>;

/** One locked transaction: of concurrent uses of one token, exactly one gets the successor. */
export const refresh = publicUseCase({
  name: 'auth.refresh',
  deps: { uow: unitOfWork({ sessions: Sessions, users: Users, suspensions: Suspensions }), ...sessionPorts },
  async run({ uow, ...ports }, input: Refresh, call) {
    const tokenHash = ports.opaque.hash(input.refreshToken);
    const account = await uow.system('authenticate', (tx) => tx.lookupAccountOfRefreshToken(tokenHash));
    if (account === undefined) throw errors.UNAUTHENTICATED();
    requireNamedAccount(call, account);
    const opened = await uow.write(account, async (tx) => {
      const now = ports.clock.now();
      const known = await tx.sessions.lookupRefreshToken(tokenHash);
      const session = known && (await tx.sessions.lock(known.sessionId));
      // Read again under the session's lock: a concurrent use may have spent it.
      const token = session && (await tx.sessions.lookupRefreshToken(tokenHash));
      if (token === undefined || session === undefined) throw errors.UNAUTHENTICATED();
      if (session.revokedAt !== undefined) throw authErrors.SESSION_REVOKED();
      if (token.spentAt !== undefined) throw authErrors.REFRESH_TOKEN_REUSED();
      const user = await tx.users.lookup(session.userId);
      if (user === undefined || isPast(token.expiresAt, now)) throw errors.UNAUTHENTICATED();
      Suspension.requireNone(await tx.suspensions.since(user.id));
      const renewed = Session.renew(session, now, ports.settings.refreshTokenTtlSeconds);
      const successor = newRefreshToken(ports.opaque, renewed);
      await tx.sessions.spendRefreshToken(tokenHash, now);
      await tx.sessions.addRefreshToken(successor.stored);
      await tx.sessions.update(renewed);
      return { user, session: renewed, refreshToken: successor.plain };
    });
    return withAccessToken(ports.access, opened);
  },
});
