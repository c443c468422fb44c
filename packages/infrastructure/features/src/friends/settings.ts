import { FriendSizes } from '@coucou/application/friends/friend-sizes';
import { limits } from '@coucou/domain/kernel/limits';
import { atMost } from '../at-most.ts';
import { settingsOf } from '../feature.ts';

export const friendSettings = settingsOf(
  FriendSizes,
  {
    MAX_FRIENDS: atMost(limits.friends.most, 'friends', { about: 'Maximum number of friends of one person.', least: 0 }),
    MAX_PENDING_REQUESTS: atMost(limits.friends.pending, 'requests', {
      about: 'Maximum number of friend requests of one person that wait for an answer.',
      least: 0,
    }),
  },
  ({ MAX_FRIENDS, MAX_PENDING_REQUESTS }) => ({ mostFriends: MAX_FRIENDS, mostPending: MAX_PENDING_REQUESTS }),
);
