import { Inbox } from '@coucou/domain/conversations/inbox';
import { socketOf } from '../kernel/call.ts';
import { useCase } from '../kernel/use-case.ts';
import { unitOfWork } from '../ports/unit-of-work.ts';
import { Watching } from '../ports/watching.ts';
import { Users } from '../users/repositories.ts';

/** For support agents: account owners and admins. */
export const watchInbox = useCase({
  name: 'inbox.watch',
  deps: { uow: unitOfWork({ users: Users }), watching: Watching },
  async run({ uow, watching }, _input: Readonly<Record<never, never>>, call) {
    const socketId = socketOf(call);
    Inbox.requireAgent(await uow.read(call.account, (tx) => tx.users.lookup(call.actor.userId)));
    watching.watchInbox(socketId, call.account);
  },
});

export const unwatchInbox = useCase({
  name: 'inbox.unwatch',
  deps: { watching: Watching },
  run: async ({ watching }, _input: Readonly<Record<never, never>>, call) => watching.unwatchInbox(socketOf(call), call.account),
});
