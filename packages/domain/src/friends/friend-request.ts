import { defineErrors, errors } from '../kernel/errors.ts';
import type { AccountId, FriendRequestId, Instant, UserId } from '../kernel/ids.ts';
import { limits } from '../kernel/limits.ts';
import { addSeconds, isPast, secondsUntil } from '../kernel/time.ts';

export const friendErrors = defineErrors('', {
  FRIEND_REQUEST_NOT_FOUND: ['not_found', 'There is no such friend request.'],
  FRIEND_REQUEST_CLOSED: ['conflict', 'This friend request has been answered or cancelled.'],
  FRIEND_REQUEST_TOO_SOON: ['rate_limited', 'This person declined your request recently; try again later.'],
  FRIEND_REQUEST_LIMIT_REACHED: ['conflict', 'You have too many pending friend requests; cancel some first.'],
  FRIEND_LIMIT_REACHED: ['conflict', 'One of you has reached the maximum number of friends.'],
  ALREADY_FRIENDS: ['conflict', 'You are already friends.'],
  FRIEND_NOT_FOUND: ['not_found', 'You are not friends with this person.'],
});

export type FriendRequestStatus = 'pending' | 'accepted' | 'rejected' | 'cancelled';

export type FriendRequest = Readonly<{
  accountId: AccountId;
  id: FriendRequestId;
  fromId: UserId;
  toId: UserId;
  status: FriendRequestStatus;
  createdAt: Instant;
  respondedAt: Instant | undefined;
}>;

/** What a decision to ask rests on, read under the lock of the pair and of both people. */
export type AskingFacts = Readonly<{
  /** Pending requests of the requester. */
  pending: number;
  /** When the other user last declined a request of the requester. */
  rejectedAt: Instant | undefined;
}>;

/** Friends of one person, and requests of one that wait for an answer, at most. */
export type FriendSizes = Readonly<{ mostFriends: number; mostPending: number }>;

type NewRequest = Readonly<{ accountId: AccountId; id: FriendRequestId; fromId: UserId; toId: UserId; now: Instant }>;

function ask(
  { accountId, id, fromId, toId, now }: NewRequest,
  { pending, rejectedAt }: AskingFacts,
  { mostPending: limit }: FriendSizes,
): FriendRequest {
  const cooled = rejectedAt && addSeconds(rejectedAt, limits.friends.cooldownSeconds);
  if (cooled !== undefined && !isPast(cooled, now))
    throw friendErrors.FRIEND_REQUEST_TOO_SOON({ retryAfterSeconds: secondsUntil(cooled, now) });
  if (pending >= limit) throw friendErrors.FRIEND_REQUEST_LIMIT_REACHED({ limit });
  return { accountId, id, fromId, toId, status: 'pending', createdAt: now, respondedAt: undefined };
}

function requireOther(userId: UserId, otherId: UserId): void {
  if (userId === otherId) throw errors.VALIDATION_FAILED([{ path: ['userId'], rule: 'self', message: 'You cannot befriend yourself.' }]);
}

/** Who may close a request, and how. */
const closers = { accepted: 'toId', rejected: 'toId', cancelled: 'fromId' } as const;

/**
 * The request as closed by this person; the same one when it is closed like this already, so that a repeated call is harmless. To
 * everyone but the one who may do this the request does not exist.
 */
function close(request: FriendRequest | undefined, by: UserId, status: keyof typeof closers, now: Instant): FriendRequest {
  if (request === undefined || request[closers[status]] !== by) throw friendErrors.FRIEND_REQUEST_NOT_FOUND();
  if (request.status === status) return request;
  if (request.status !== 'pending') throw friendErrors.FRIEND_REQUEST_CLOSED({ status: request.status });
  return { ...request, status, respondedAt: now };
}

/** `counts` are the numbers of friends of the two. */
function requireRoom(counts: readonly number[], { mostFriends: limit }: FriendSizes): void {
  if (counts.some((count) => count >= limit)) throw friendErrors.FRIEND_LIMIT_REACHED({ limit });
}

export const FriendRequest = { ask, close, requireOther, requireRoom };
