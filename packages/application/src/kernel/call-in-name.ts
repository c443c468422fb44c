import { type AccountId, asId, type UserId } from '@coucou/domain/kernel/ids';
import type { UserCall } from './call.ts';

const SERVER: UserCall['client'] = { ip: '', userAgent: '' };

/**
 * A call that the server makes in somebody's name, such as to send what they scheduled. Nobody is signed in: `id`, of what it is made for, stands in the
 * place of a session. `client`: who caused it, where that is somebody else.
 */
export const callInName = (account: AccountId, userId: UserId, id: string, requestId: string, client = SERVER): UserCall => ({
  requestId,
  account,
  client,
  actor: { userId, sessionId: asId(id) },
});
