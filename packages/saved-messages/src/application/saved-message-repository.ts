import type { Page, PageRequest } from '@coucou/application/conversations/conversation-reader';
import { token } from '@coucou/application/kernel/token';
import type { AccountId, ConversationId, MessageId, UserId } from '@coucou/domain/kernel/ids';
import type { SavedMessage } from '../domain/saved-message.ts';

/** Saved messages of the unit of work's account. */
export interface SavedMessageRepository {
  /** Locked until the unit of work ends. */
  lock(person: UserId, message: MessageId): Promise<SavedMessage | undefined>;
  count(person: UserId): Promise<number>;
  /** A new one, or one that is locked. */
  put(saved: SavedMessage): Promise<void>;
  /** Undefined when there was none. */
  remove(person: UserId, message: MessageId): Promise<SavedMessage | undefined>;
  /** Removes up to `most` that lie in this conversation, and answers them. */
  removeOf(conversation: ConversationId, most: number): Promise<readonly SavedMessage[]>;
}
export const SavedMessages = token<SavedMessageRepository>('SavedMessages');

export interface SavedMessageReader {
  /** A person's own, the newest first. A cursor of another list throws `CURSOR_INVALID`. */
  list(account: AccountId, person: UserId, page: PageRequest): Promise<Page<SavedMessage>>;
}
export const SavedMessageReader = token<SavedMessageReader>('SavedMessageReader');
