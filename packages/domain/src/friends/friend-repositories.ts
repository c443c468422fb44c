import type { FriendRequestId, Instant, UserId } from '../kernel/ids.ts';
import type { FriendRequest } from './friend-request.ts';

/** Requests and friendships of the unit of work's account. Writers hold the lock of the pair (`relations.lockPair`). */
export interface FriendRequestRepository {
  lookup(id: FriendRequestId): Promise<FriendRequest | undefined>;
  /** The pending request between two users, in either direction. */
  lookupPending(a: UserId, b: UserId): Promise<FriendRequest | undefined>;
  lastRejection(from: UserId, to: UserId): Promise<Instant | undefined>;
  countPending(from: UserId): Promise<number>;
  add(request: FriendRequest): Promise<void>;
  update(request: FriendRequest): Promise<void>;
}

export interface FriendshipRepository {
  add(a: UserId, b: UserId, since: Instant): Promise<void>;
  /** False when the two are not friends. */
  remove(a: UserId, b: UserId): Promise<boolean>;
  exists(a: UserId, b: UserId): Promise<boolean>;
  count(userId: UserId): Promise<number>;
}
