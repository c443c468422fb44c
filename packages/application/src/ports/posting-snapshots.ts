import type { AccountId, ConversationId, UserId } from '@coucou/domain/kernel/ids';
import type { PostingSnapshot } from '@coucou/domain/messages/message';
import { token } from '../kernel/token.ts';

/**
 * What a posting decision rests on, cached. A decision to post is proven again by the append; a refusal must be decided on a
 * fresh one.
 */
export interface PostingSnapshots {
  get(account: AccountId, conversation: ConversationId, user: UserId): Promise<PostingSnapshot | undefined>;
  /** From the database, past the cache. */
  reload(account: AccountId, conversation: ConversationId, user: UserId): Promise<PostingSnapshot | undefined>;
}
export const PostingSnapshots = token<PostingSnapshots>('PostingSnapshots');
