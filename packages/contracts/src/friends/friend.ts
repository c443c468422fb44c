import { z } from 'zod';
import { id, time } from '../kernel/types.ts';
import { Presence } from '../presence/presence.ts';
import { User } from '../users/user.ts';

export const FriendRequestStatus = z.enum(['pending', 'accepted', 'rejected', 'cancelled']);

export const FriendRequest = z
  .object({
    id: id('friendRequest'),
    from: User,
    to: User,
    status: FriendRequestStatus,
    createdAt: time,
    respondedAt: time.optional(),
  })
  .meta({ id: 'FriendRequest' });

export const Friend = z.object({ user: User, since: time, presence: Presence.optional() }).meta({ id: 'Friend' });
