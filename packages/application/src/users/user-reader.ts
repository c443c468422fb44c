import type { AccountId, SessionId, UserId } from '@coucou/domain/kernel/ids';
import type { Standing } from '@coucou/domain/users/relations';
import type { User } from '@coucou/domain/users/user';
import type { Page, PageRequest } from '../conversations/conversation-reader.ts';
import { token } from '../kernel/token.ts';

/** Users as others see them; each method is one query. */
export interface UserReader {
  /** With the viewer's standing to them. */
  find(account: AccountId, viewer: UserId, id: UserId): Promise<Readonly<{ user: User; standing: Standing }> | undefined>;
  /** The validator of somebody's own profile with one of their sessions; undefined when either is gone. */
  validateOwn(account: AccountId, user: UserId, session: SessionId): Promise<string | undefined>;
  /**
   * By username and display name (prefix and typo-tolerant) and by a full e-mail address; best matches first.
   * Excludes suspended users and those hidden by a block (`search` of the block rules). `key` is a `User.searchKey`. About a thousand results at most.
   */
  search(account: AccountId, viewer: UserId, key: string, page: PageRequest): Promise<Page<User>>;
}
export const UserReader = token<UserReader>('UserReader');
