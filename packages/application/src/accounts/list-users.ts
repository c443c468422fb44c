import type { UserId } from '@coucou/domain/kernel/ids';
import { type AccountRole, User, userErrors } from '@coucou/domain/users/user';
import { adminUseCase } from '../kernel/use-case.ts';
import { AdminUserReader } from './admin-user-reader.ts';

export type ListUsers = Readonly<{
  q?: string | undefined;
  role?: AccountRole | undefined;
  suspended?: boolean | undefined;
  limit: number;
  cursor?: string | undefined;
}>;

export const listUsers = adminUseCase({
  name: 'admin.listUsers',
  deps: { reader: AdminUserReader },
  run: ({ reader }, { q, role, suspended, limit, cursor }: ListUsers, { account }) => {
    const sought = q === undefined ? undefined : { key: User.searchKey(q), email: User.emailKey(q.trim()) };
    return reader.list(account, { q: sought, role, suspended }, { limit, cursor });
  },
});

export const getUser = adminUseCase({
  name: 'admin.getUser',
  deps: { reader: AdminUserReader },
  async run({ reader }, { userId }: Readonly<{ userId: UserId }>, { account }) {
    const found = await reader.find(account, userId);
    if (found === undefined) throw userErrors.USER_NOT_FOUND();
    return found;
  },
});
