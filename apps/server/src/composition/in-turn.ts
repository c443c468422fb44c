import type { Call } from '@coucou/application/kernel/call';
import type { Execute } from '@coucou/application/kernel/execute';
import { networkOf } from '@coucou/application/kernel/network-of';
import type { CurrentMembers } from '@coucou/application/ports/current-members';
import type { Caller } from '@coucou/postgres/kit/turns';
import type { Storage } from '@coucou/postgres/storage';

type Attribution = Pick<Storage, 'onBehalfOf'>;

/** Under load people take turns at the database; servers of an account by their API key, and those who are not signed in by their address, an IPv6 one by its /64. */
export const callerOf = ({ actor, program, client, connection }: Call): Caller => ({
  key: actor?.userId ?? (program?.by === 'apiKey' ? program.id : networkOf(client.ip)),
  connection,
});

/** Every operation on every transport asks the database on behalf of its caller. */
export const executeInTurn =
  (execute: Execute, { onBehalfOf }: Attribution): Execute =>
  (ready, input, call) =>
    onBehalfOf(callerOf(call), () => execute(ready, input, call));

/** So does the loading of one person's rooms; that of several at once is the server's own. */
export const membersInTurn = (members: CurrentMembers, { onBehalfOf }: Attribution): CurrentMembers => ({
  ofUser: (account, user, limit) => onBehalfOf({ key: user }, () => members.ofUser(account, user, limit)),
  ofUsers: (account, users, limit) => members.ofUsers(account, users, limit),
  present: (account, conversation, among) => members.present(account, conversation, among),
});
