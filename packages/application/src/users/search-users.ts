import { User } from '@coucou/domain/users/user';
import { useCase } from '../kernel/use-case.ts';
import { UserReader } from './user-reader.ts';

export type SearchUsers = Readonly<{ q: string; limit: number; cursor?: string | undefined }>;

export const searchUsers = useCase({
  name: 'users.search',
  deps: { reader: UserReader },
  run: ({ reader }, input: SearchUsers, { account, actor }) =>
    reader.search(account, actor.userId, User.searchKey(input.q), { limit: input.limit, cursor: input.cursor }),
});
