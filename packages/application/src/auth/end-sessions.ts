import type { RevocationReason } from '@coucou/domain/auth/session';
import type { SessionRepository, SessionSelection } from '@coucou/domain/auth/session-repository';
import type { SessionId } from '@coucou/domain/kernel/ids';
import type { Writing } from '../ports/unit-of-work.ts';
import { accessChanged } from './access-events.ts';

/** Ends sessions for good: their tokens are refused and their sockets close on every node. Answers those that were still alive. */
export async function endSessions(
  tx: Writing<Readonly<{ sessions: SessionRepository }>>,
  selection: SessionSelection,
  reason: RevocationReason,
): Promise<readonly SessionId[]> {
  const sessionIds = await tx.sessions.revoke(selection, reason);
  if (sessionIds.length > 0) tx.emit(accessChanged({ change: { is: 'ended', userId: selection.userId, sessionIds, reason } }));
  return sessionIds;
}
