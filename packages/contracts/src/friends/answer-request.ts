import { z } from 'zod';
import { operation } from '../kernel/operation.ts';
import { id } from '../kernel/types.ts';
import { FriendRequest } from './friend.ts';

const input = z.strictObject({ requestId: id('friendRequest') });
const closed = ['FRIEND_REQUEST_NOT_FOUND', 'FRIEND_REQUEST_CLOSED'] as const;

export const acceptRequest = operation({
  name: 'friends.accept',
  summary: 'Accept a received friend request.',
  http: { method: 'POST', path: '/friend-requests/:requestId/accept', status: 200 },
  socket: 'friend:accept',
  access: 'user',
  idempotencyKey: 'record',
  input,
  output: FriendRequest,
  errors: [...closed, 'FRIEND_LIMIT_REACHED'],
});

export const rejectRequest = operation({
  name: 'friends.reject',
  summary: 'Decline a received friend request.',
  http: { method: 'POST', path: '/friend-requests/:requestId/reject', status: 200 },
  socket: 'friend:reject',
  access: 'user',
  idempotencyKey: 'record',
  input,
  output: FriendRequest,
  errors: closed,
});

export const cancelRequest = operation({
  name: 'friends.cancel',
  summary: 'Cancel a sent friend request.',
  http: { method: 'POST', path: '/friend-requests/:requestId/cancel', status: 200 },
  socket: 'friend:cancel',
  access: 'user',
  idempotencyKey: 'record',
  input,
  output: FriendRequest,
  errors: closed,
});
