import { z } from 'zod';
import { operation } from '../kernel/operation.ts';
import { page, pageInput } from '../kernel/types.ts';
import { FriendRequest, FriendRequestStatus } from './friend.ts';

export const listRequests = operation({
  name: 'friends.listRequests',
  summary: 'Your received or sent friend requests, newest first.',
  http: { method: 'GET', path: '/friend-requests', status: 200 },
  access: 'user',
  input: z.strictObject({
    direction: z.enum(['incoming', 'outgoing']).default('incoming'),
    status: FriendRequestStatus.default('pending'),
    ...pageInput,
  }),
  output: page(FriendRequest),
  errors: ['CURSOR_INVALID'],
});
