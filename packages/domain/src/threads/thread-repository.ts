import type { UserId } from '../kernel/ids.ts';
import type { Message } from '../messages/message.ts';

export interface ThreadRepository {
  /**
   * How far a person has read the thread of this root; without a seq, all of it. Never beyond its last reply. The new mark, or undefined
   * when it did not move.
   */
  mark(root: Message, user: UserId, readSeq: number | undefined): Promise<number | undefined>;
}
