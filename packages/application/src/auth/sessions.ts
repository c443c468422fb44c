import { authActions } from '@coucou/domain/auth/audit-actions';
import { authErrors } from '@coucou/domain/auth/session';
import type { SessionId } from '@coucou/domain/kernel/ids';
import { AuditLog } from '../audit/audit-log.ts';
import { auditPorts, recordAudit } from '../audit/record-audit.ts';
import type { UserCall } from '../kernel/call.ts';
import type { Ports } from '../kernel/token.ts';
import { useCase } from '../kernel/use-case.ts';
import { Clock } from '../ports/clock.ts';
import { type UnitOfWork, unitOfWork } from '../ports/unit-of-work.ts';
import { endSessions } from './end-sessions.ts';
import { Sessions } from './repositories.ts';

type Empty = Readonly<Record<never, never>>;

const repositories = { sessions: Sessions, auditLog: AuditLog };
const deps = { uow: unitOfWork(repositories), ...auditPorts };
type Given = Readonly<{ uow: UnitOfWork<Ports<typeof repositories>> }> & Ports<typeof auditPorts>;

export const listSessions = useCase({
  name: 'auth.listSessions',
  deps: { uow: unitOfWork({ sessions: Sessions }), clock: Clock },
  run: ({ uow, clock }, _input: Empty, { account, actor }) => uow.read(account, (tx) => tx.sessions.list(actor.userId, clock.now())),
});

async function signOut({ uow, ...ports }: Given, call: UserCall, everywhere: boolean): Promise<void> {
  const { userId, sessionId } = call.actor;
  await uow.write(call.account, async (tx) => {
    const ended = await endSessions(tx, { userId, ...(everywhere ? {} : { only: [sessionId] }) }, 'logout');
    await recordAudit(ports, tx, call, authActions.signed_out, { target: userId, details: { sessions: ended.length } });
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
      await recordAudit(ports, tx, call, authActions.sessions_revoked, {
        target: userId,
        details: { sessions: 1, sessionId },
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
      if (revoked > 0) await recordAudit(ports, tx, call, authActions.sessions_revoked, { target: userId, details: { sessions: revoked } });
      return { revoked };
    });
  },
});
