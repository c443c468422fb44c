import type { FriendRequestView, FriendView } from '@coucou/application/friends/friend-reader';
import type { BlockView } from '@coucou/application/blocks/block-reader';
import type { Block as WireBlock } from '@coucou/contracts/blocks/block';
import type { Friend as WireFriend, FriendRequest as WireRequest } from '@coucou/contracts/friends/friend';
import { type DevicePresence, Presence } from '@coucou/domain/presence/presence';
import type { z } from 'zod';
import { presentPage } from '../conversations/presenters.ts';
import { presentPresence } from '../presence/presenters.ts';
import { presentUser } from '../users/presenters.ts';

export const presentFriendRequest = ({ request, from, to }: FriendRequestView): z.infer<typeof WireRequest> => ({
  id: request.id,
  from: presentUser(from),
  to: presentUser(to),
  status: request.status,
  createdAt: request.createdAt.toISOString(),
  respondedAt: request.respondedAt?.toISOString(),
});

const presentFriend = ({
  user,
  since,
  devices,
}: FriendView & Readonly<{ devices: readonly DevicePresence[] }>): z.infer<typeof WireFriend> => {
  const status = Presence.statusOf(devices);
  return {
    user: presentUser(user),
    since: since.toISOString(),
    presence: presentPresence({ userId: user.id, status, lastSeenAt: status === 'offline' ? user.lastSeenAt : undefined, devices: [] }),
  };
};

const presentBlock = ({ user, at }: BlockView): z.infer<typeof WireBlock> => ({ user: presentUser(user), createdAt: at.toISOString() });

export const presentFriendPage = presentPage(presentFriend);
export const presentFriendRequestPage = presentPage(presentFriendRequest);
export const presentBlockPage = presentPage(presentBlock);
