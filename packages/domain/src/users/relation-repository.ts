import type { ConversationId, UserId } from '../kernel/ids.ts';
import type { Standing } from './relations.ts';

/** Whom changes about a user concern. */
export type Circle = Readonly<{
  /** As `acquaintances` and `blockedWith` answer. */
  acquaintances: readonly UserId[];
  blockedWith: readonly UserId[];
  /** The most recently active conversations of which the user is a member. */
  conversationIds: readonly ConversationId[];
}>;

/** What people are to each other. */
export interface RelationRepository {
  /**
   * One unit of work at a time decides about a pair: friendship, requests, blocks, and the making of a direct conversation. Taken
   * before every other lock, and for one pair only.
   */
  lockPair(a: UserId, b: UserId): Promise<void>;
  /** How `viewer` stands to each; people who do not exist are strangers. */
  standings(viewer: UserId, userIds: readonly UserId[]): Promise<ReadonlyMap<UserId, Standing>>;
  /** The same of pairs of a viewer and another, in their order. */
  standingsOf(pairs: readonly (readonly [viewer: UserId, other: UserId])[]): Promise<readonly Standing[]>;
  /** All users with a block between them and this one, in either direction: the input of decisions on mutual surfaces. */
  blockedWith(userId: UserId): Promise<UserId[]>;
  /**
   * Friends and the peers of direct conversations, without those who have a block with the user, in either direction: who
   * receives changes about a user (`presence`, `profileUpdate` of the block rules). At most `limit`, the most recently active
   * conversations first.
   */
  acquaintances(userId: UserId, limit: number): Promise<UserId[]>;
  /** The circles of several users by one statement, at most so many people and conversations in each. */
  circles(userIds: readonly UserId[], most: Readonly<{ people: number; conversations: number }>): Promise<ReadonlyMap<UserId, Circle>>;
}
