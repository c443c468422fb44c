import type { ConversationId, UserId } from '../kernel/ids.ts';
import type { Membership } from './membership.ts';

/** A member's own settings and read position, changed under the conversation's lock. */
export interface MembershipRepository {
  lookup(id: ConversationId, userId: UserId): Promise<Membership | undefined>;
  update(membership: Membership): Promise<void>;
  /** Countable messages before `seq`, and the person's own from there on; undefined without such a message. */
  countAround(id: ConversationId, userId: UserId, seq: number): Promise<Readonly<{ base: number; ownSince: number }> | undefined>;
}
