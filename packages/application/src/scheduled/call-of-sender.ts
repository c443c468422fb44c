import { type AccountId, asId, type UserId } from '@coucou/domain/kernel/ids';
import type { UserCall } from '../kernel/call.ts';

/** The call in which the server sends what somebody scheduled. Nobody is signed in: the session is that of no one. `id`: of what is sent. */
export const callOfSender = (account: AccountId, userId: UserId, id: string, requestId: string): UserCall => ({
  requestId,
  account,
  client: { ip: '', userAgent: '' },
  actor: { userId, sessionId: asId(id) },
});
