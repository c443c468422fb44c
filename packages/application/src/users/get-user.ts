import type { UserId } from '@coucou/domain/kernel/ids';
import { Relations } from '@coucou/domain/users/relations';
import { userErrors } from '@coucou/domain/users/user';
import { useCase } from '../kernel/use-case.ts';
import { UserReader } from './user-reader.ts';

export const getUser = useCase({
  name: 'users.get',
  deps: { reader: UserReader },
  async run({ reader }, input: Readonly<{ userId: UserId }>, { account, actor }) {
    const found = await reader.find(account, actor.userId, input.userId);
    if (found === undefined) throw userErrors.USER_NOT_FOUND();
    const { user, standing } = found;
    Relations.requireAllowed('profile', standing);
    return { user, own: standing.self, maySeePresence: Relations.allows('presence', standing) };
  },
});
