import type { ConversationId, UserId } from '../kernel/ids.ts';
import type { Draft } from './draft.ts';

/** One draft for each person and conversation. */
export interface DraftRepository {
  lookup(conversation: ConversationId, user: UserId): Promise<Draft | undefined>;
  put(draft: Draft): Promise<void>;
  /** False when there was none. */
  remove(conversation: ConversationId, user: UserId): Promise<boolean>;
}
