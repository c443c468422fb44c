import type { ConversationId, UserId } from '../kernel/ids.ts';
import type { Ban } from './group.ts';

/** Bans of the unit of work's account, including expired ones. Read and written under the conversation's lock. */
export interface BanRepository {
  list(id: ConversationId, userIds: readonly UserId[]): Promise<Ban[]>;
  /** Replaces an earlier one. */
  put(ban: Ban): Promise<void>;
  /** False when there was none. */
  remove(id: ConversationId, userId: UserId): Promise<boolean>;
}
