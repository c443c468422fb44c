import type { ConversationId, UserId } from '../kernel/ids.ts';
import type { Ban } from './group.ts';

/** Bans of the unit of work's account, expired ones too. They change, and are relied on, under the conversation's lock. */
export interface BanRepository {
  list(id: ConversationId, userIds: readonly UserId[]): Promise<Ban[]>;
  /** In the place of an earlier one. */
  put(ban: Ban): Promise<void>;
  /** False when there was none. */
  remove(id: ConversationId, userId: UserId): Promise<boolean>;
}
