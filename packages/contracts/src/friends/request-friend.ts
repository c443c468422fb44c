import { z } from 'zod';
import { operation } from '../kernel/operation.ts';
import { id } from '../kernel/types.ts';
import { FriendRequest } from './friend.ts';

export const requestFriend = operation({
  name: 'friends.request',
  summary: 'Send a friend request. If the other user already sent one, it is accepted; sending again answers the pending request.',
  http: { method: 'POST', path: '/friend-requests', status: 201, existing: 200 },
  socket: 'friend:request',
  access: 'user',
  idempotencyKey: 'record',
  input: z.strictObject({ userId: id('user') }),
  output: FriendRequest,
  errors: ['USER_NOT_FOUND', 'ALREADY_FRIENDS', 'FRIEND_REQUEST_TOO_SOON', 'FRIEND_REQUEST_LIMIT_REACHED', 'FRIEND_LIMIT_REACHED'],
});
