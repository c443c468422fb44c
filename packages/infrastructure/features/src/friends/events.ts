import * as events from '@coucou/application/friends/friend-events';
import { wired } from '@coucou/application/kernel/event';
import * as wire from '@coucou/contracts/friends/events';
import type { FriendRequest } from '@coucou/domain/friends/friend-request';
import type { User } from '@coucou/domain/users/user';
import { presentFriendRequest } from './presenters.ts';

const presentRequest = (event: Readonly<{ request: FriendRequest; from: User; to: User }>, { at }: Readonly<{ at: string }>) => ({
  at,
  request: presentFriendRequest(event),
});

export const friendEvents = [
  wired(events.friendRequested, { 'friend:requested': wire.friendRequested }, { 'friend:requested': presentRequest }),
  wired(events.friendAccepted, { 'friend:accepted': wire.friendAccepted }, { 'friend:accepted': presentRequest }),
  wired(events.friendRejected, { 'friend:rejected': wire.friendRejected }, { 'friend:rejected': presentRequest }),
  wired(events.friendCancelled, { 'friend:cancelled': wire.friendCancelled }, { 'friend:cancelled': presentRequest }),
  wired(
    events.friendRemoved,
    { 'friend:removed': wire.friendRemoved },
    {
      'friend:removed': ({ pair: [a, b] }, { to, at }) => ({ at, userId: to.kind === 'devices' && to.userId === a ? b : a }),
    },
  ),
];
