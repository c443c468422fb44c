import { errors } from '@coucou/domain/kernel/errors';
import { useCase } from '../kernel/use-case.ts';
import { unitOfWork } from '../ports/unit-of-work.ts';
import { Users } from '../users/repositories.ts';
import { Sessions } from './repositories.ts';

export const me = useCase({
  name: 'auth.me',
  deps: { uow: unitOfWork({ users: Users, sessions: Sessions }) },
  async run({ uow }, _input: Readonly<Record<never, never>>, { account, actor }) {
    return uow.read(account, async (tx) => {
      const user = await tx.users.lookup(actor.userId);
      const session = await tx.sessions.lookup(actor.sessionId);
      if (user === undefined || session === undefined) throw errors.UNAUTHENTICATED();
      return { user, session };
    });
  },
});
