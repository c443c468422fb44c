import { authErrors } from '@coucou/domain/auth/session';
import type { SessionId } from '@coucou/domain/kernel/ids';
import type { UserCall } from '../kernel/call.ts';
import type { Ports } from '../kernel/token.ts';
import { useCase } from '../kernel/use-case.ts';
import { Clock } from '../ports/clock.ts';
import { type UnitOfWork, unitOfWork } from '../ports/unit-of-work.ts';
import { endSessions } from './end-sessions.ts';
import { SecurityEvents, Sessions } from './repositories.ts';
import { recordSecurityEvent, securityEventPorts } from './security-events.ts';

type Empty = Readonly<Record<never, never>>;

const repositories = { sessions: Sessions, securityEvents: SecurityEvents };
const deps = { uow: unitOfWork(repositories), ...securityEventPorts };
type Given = Readonly<{ uow: UnitOfWork<Ports<typeof repositories>> }> & Ports<typeof securityEventPorts>;

export const listSessions = useCase({
  name: 'auth.listSessions',
  deps: { uow: unitOfWork({ sessions: Sessions }), clock: Clock },
  run: ({ uow, clock }, _input: Empty, { account, actor }) => uow.read(account, (tx) => tx.sessions.list(actor.userId, clock.now())),
});

async function signOut({ uow, ...ports }: Given, call: UserCall, everywhere: boolean): Promise<void> {
  const { userId, sessionId } = call.actor;
  await uow.write(call.account, async (tx) => {
    const ended = await endSessions(tx, { userId, ...(everywhere ? {} : { only: [sessionId] }) }, 'logout');
    await recordSecurityEvent(ports, tx, call, 'signed_out', { userId, sessionId, details: { sessions: ended.length } });
  });
}

export const logout = useCase({ name: 'auth.logout', deps, run: (ports, _input: Empty, call) => signOut(ports, call, false) });

export const logoutAll = useCase({ name: 'auth.logoutAll', deps, run: (ports, _input: Empty, call) => signOut(ports, call, true) });

export const revokeSession = useCase({
  name: 'auth.revokeSession',
  deps,
  async run({ uow, ...ports }, { sessionId }: Readonly<{ sessionId: SessionId }>, call) {
    const { userId } = call.actor;
    await uow.write(call.account, async (tx) => {
      const ended = await endSessions(tx, { userId, only: [sessionId] }, 'revoked');
      if (ended.length === 0) throw authErrors.SESSION_NOT_FOUND();
      await recordSecurityEvent(ports, tx, call, 'sessions_revoked', {
        userId,
        sessionId,
        details: { by: call.actor.sessionId, sessions: 1 },
      });
    });
  },
});

export const revokeOtherSessions = useCase({
  name: 'auth.revokeOtherSessions',
  deps,
  async run({ uow, ...ports }, _input: Empty, call) {
    const { userId, sessionId } = call.actor;
    return uow.write(call.account, async (tx) => {
      const { length: revoked } = await endSessions(tx, { userId, except: sessionId }, 'revoked');
      if (revoked > 0)
        await recordSecurityEvent(ports, tx, call, 'sessions_revoked', { userId, details: { by: sessionId, sessions: revoked } });
      return { revoked };
    });
  },
});
