import type { FriendRequest } from '@coucou/domain/friends/friend-request';
import type { FriendRequestId, UserId } from '@coucou/domain/kernel/ids';
import type { User } from '@coucou/domain/users/user';
import { devices } from '../kernel/audience.ts';
import { event } from '../kernel/event.ts';

/** `from` and `to` are the two users of the request. */
type Request = Readonly<{ request: FriendRequest; from: User; to: User }>;
type RequestFact = Readonly<{ requestId: FriendRequestId; fromId: UserId; toId: UserId }>;

const toBoth = <const Name extends string>(name: Name, { from, to }: Request) =>
  devices(from.id, to.id).map((each) => ({ event: name, to: each }));

const factOf = ({ request: { id, fromId, toId } }: Request): RequestFact => ({ requestId: id, fromId, toId });

export const friendRequested = event<Request>()({
  type: 'friend.requested',
  tells: ['friend:requested'],
  audience: (request) => toBoth('friend:requested', request),
  fact: factOf,
});

export const friendAccepted = event<Request>()({
  type: 'friend.accepted',
  tells: ['friend:accepted'],
  audience: (request) => toBoth('friend:accepted', request),
  fact: factOf,
});

export const friendCancelled = event<Request>()({
  type: 'friend.cancelled',
  tells: ['friend:cancelled'],
  audience: (request) => toBoth('friend:cancelled', request),
  fact: factOf,
});

/** Only the requester: the other devices of the user who declined learn it from their feed. */
export const friendRejected = event<Request>()({
  type: 'friend.rejected',
  tells: ['friend:rejected'],
  audience: ({ from }) => devices(from.id).map((to) => ({ event: 'friend:rejected', to })),
  fact: factOf,
});

export const friendRemoved = event<{ pair: readonly [UserId, UserId] }>()({
  type: 'friend.removed',
  tells: ['friend:removed'],
  audience: ({ pair }) => devices(...pair).map((to) => ({ event: 'friend:removed', to })),
});
