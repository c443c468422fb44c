import type { FriendshipRepository, FriendRequestRepository } from '@coucou/domain/friends/friend-repositories';
import { FriendRequest, friendErrors } from '@coucou/domain/friends/friend-request';
import type { FriendRequestId, Instant, UserId } from '@coucou/domain/kernel/ids';
import { userErrors, type User } from '@coucou/domain/users/user';
import type { UserRepository } from '@coucou/domain/users/user-repository';
import type { UserCall } from '../kernel/call.ts';
import type { Ports } from '../kernel/token.ts';
import { useCase } from '../kernel/use-case.ts';
import { Clock } from '../ports/clock.ts';
import { unitOfWork, type Writing } from '../ports/unit-of-work.ts';
import { UserRelations, Users } from '../users/repositories.ts';
import { feedEntryAdded } from '../users/user-events.ts';
import { friendAccepted, friendCancelled, friendRejected } from './friend-events.ts';
import type { FriendRequestView } from './friend-reader.ts';
import { FriendSizes } from './friend-sizes.ts';
import { FriendRequests, Friendships } from './repositories.ts';

export type AnswerRequest = Readonly<{ requestId: FriendRequestId }>;
type Closing = Exclude<FriendRequest['status'], 'pending'>;

const ports = {
  uow: unitOfWork({ friendRequests: FriendRequests, relations: UserRelations, users: Users, friendships: Friendships }),
  clock: Clock,
  sizes: FriendSizes,
};

const closing = (name: string, status: Closing) =>
  useCase({
    name,
    deps: ports,
    run: (given, input: AnswerRequest, call) => close(given, input.requestId, status, call),
  });

export const acceptRequest = closing('friends.accept', 'accepted');
export const rejectRequest = closing('friends.reject', 'rejected');
export const cancelRequest = closing('friends.cancel', 'cancelled');

function close(
  { uow, clock, sizes }: Ports<typeof ports>,
  id: FriendRequestId,
  status: Closing,
  { account, actor }: UserCall,
): Promise<FriendRequestView> {
  return uow.write(account, async (tx) => {
    const known = await tx.friendRequests.lookup(id);
    if (known === undefined) throw friendErrors.FRIEND_REQUEST_NOT_FOUND();
    await tx.relations.lockPair(known.fromId, known.toId);
    const [from, to] = await lockPeople(tx, known.fromId, known.toId);
    // Read again under the lock: of concurrent answers, one closes it.
    const request = await tx.friendRequests.lookup(id);
    const closed = FriendRequest.close(request, actor.userId, status, clock.now());
    if (closed !== request) await settle(tx, closed, [from, to], sizes, clock.now());
    return { request: closed, from, to };
  });
}

/** Both users, locked in the order of their ids; answered in the order asked for. */
export async function lockPeople(tx: Writing<{ users: UserRepository }>, a: UserId, b: UserId): Promise<readonly [User, User]> {
  const people = await tx.users.lock([a, b]);
  const [first, second] = [a, b].map((id) => people.find((user) => user.id === id));
  if (first === undefined || second === undefined) throw userErrors.USER_NOT_FOUND();
  return [first, second];
}

/** The events of a request that is answered or cancelled. */
export const requestClosed = { accepted: friendAccepted, rejected: friendRejected, cancelled: friendCancelled } as const;

/** Writes a closed request and, if accepted, the friendship, and emits to each user what they may know. */
export async function settle(
  tx: Writing<{ friendships: FriendshipRepository; friendRequests: FriendRequestRepository }>,
  request: FriendRequest,
  [from, to]: readonly [from: User, to: User],
  sizes: FriendSizes,
  now: Instant,
): Promise<void> {
  if (request.status === 'pending') return;
  if (request.status === 'accepted') {
    FriendRequest.requireRoom([await tx.friendships.count(from.id), await tx.friendships.count(to.id)], sizes);
    await tx.friendships.add(from.id, to.id, now);
  }
  await tx.friendRequests.update(request);
  tx.emit(requestClosed[request.status]({ request, from, to }), ...feedEntries(request));
}

/** The feed entries of both. */
export const feedEntries = (request: FriendRequest) => {
  const { id: requestId, fromId, toId, status } = request;
  const entry = (userId: UserId, otherId: UserId, direction: 'incoming' | 'outgoing') =>
    feedEntryAdded({ userId, kind: `friend_request.${status}`, payload: { requestId, userId: otherId, direction } });
  return [entry(fromId, toId, 'outgoing'), entry(toId, fromId, 'incoming')];
};
