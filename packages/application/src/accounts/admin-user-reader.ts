import type { AccountId, Instant, UserId } from '@coucou/domain/kernel/ids';
import type { AccountRole, User } from '@coucou/domain/users/user';
import type { Page, PageRequest } from '../conversations/conversation-reader.ts';
import { token } from '../kernel/token.ts';

/** A person as those see them who administer the account. */
export type AdminUser = Readonly<{
  user: User;
  suspendedAt: Instant | undefined /** May be past. */;
  mutedUntil: Instant | undefined;
  externalId: string | undefined;
}>;

export type AdminUserFilter = Readonly<{
  /** The beginning of a username or display name as `User.searchKey`, or a whole address as `User.emailKey`. */
  q?: Readonly<{ key: string; email: string }> | undefined;
  role?: AccountRole | undefined;
  suspended?: boolean | undefined;
}>;

/** People of the account, without those who were deleted. */
export interface AdminUserReader {
  find(account: AccountId, id: UserId): Promise<AdminUser | undefined>;
  /** In the order in which they came. */
  list(account: AccountId, filter: AdminUserFilter, page: PageRequest): Promise<Page<AdminUser>>;
}
export const AdminUserReader = token<AdminUserReader>('AdminUserReader');
