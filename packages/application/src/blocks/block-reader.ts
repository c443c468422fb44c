import type { AccountId, Instant, UserId } from '@coucou/domain/kernel/ids';
import type { User } from '@coucou/domain/users/user';
import type { Page, PageRequest } from '../conversations/conversation-reader.ts';
import { token } from '../kernel/token.ts';

export type BlockView = Readonly<{ user: User; at: Instant }>;

export interface BlockReader {
  /** The users blocked by the viewer, newest first. */
  list(account: AccountId, viewer: UserId, page: PageRequest): Promise<Page<BlockView>>;
}
export const BlockReader = token<BlockReader>('BlockReader');
