import type { AccountId, UserId } from '@coucou/domain/kernel/ids';
import type { Standing } from '@coucou/domain/users/relations';
import type { User } from '@coucou/domain/users/user';
import type { Page, PageRequest } from '../conversations/conversation-reader.ts';
import { token } from '../kernel/token.ts';

/** People as others see them; each answers in one query. */
export interface UserReader {
  /** With what the viewer is to them. */
  find(account: AccountId, viewer: UserId, id: UserId): Promise<Readonly<{ user: User; standing: Standing }> | undefined>;
  /**
   * By username and display name, from their beginning and with slips of the keyboard, and by a whole e-mail address; the best first.
   * Nobody is found who is suspended, or whom a block hides (`search` of the block rules). `key` is a `User.searchKey`. The best thousand or so are all there is.
   */
  search(account: AccountId, viewer: UserId, key: string, page: PageRequest): Promise<Page<User>>;
}
export const UserReader = token<UserReader>('UserReader');
