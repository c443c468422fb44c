import type { UserId } from '../kernel/ids.ts';
import type { User } from '../users/user.ts';
import type { FriendRequest } from './friend-request.ts';

export type FriendEvent =
  /** `from` and `to` are the request's people. */
  | Readonly<{
      type: 'friend.requested' | 'friend.accepted' | 'friend.rejected' | 'friend.cancelled';
      request: FriendRequest;
      from: User;
      to: User;
    }>
  | Readonly<{ type: 'friend.removed'; pair: readonly [UserId, UserId] }>;
