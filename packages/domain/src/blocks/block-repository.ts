import type { ConversationId, Instant, UserId } from '../kernel/ids.ts';
import type { Receipt } from '../receipts/receipt.ts';

export type Revealed = Readonly<{ conversationId: ConversationId; receiptsVersion: number; receipt: Receipt; to: UserId }>;

/** Writers hold the lock of the pair (`relations.lockPair`). */
export interface BlockRepository {
  /** False when it was there. */
  add(blocker: UserId, blocked: UserId, at: Instant): Promise<boolean>;
  /** False when there was none. */
  remove(blocker: UserId, blocked: UserId): Promise<boolean>;
  count(blocker: UserId): Promise<number>;
  /**
   * Makes news, of a further `receiptsVersion`, of the two people's marks in the conversations that both are in, unless a block stands
   * between them still: `to` learns how far the other has come. Locks these conversations; at most `limit`, the most recently active.
   */
  reveal(a: UserId, b: UserId, limit: number): Promise<readonly Revealed[]>;
}
