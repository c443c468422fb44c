import { event } from '../kernel/event.ts';
import { id } from '../kernel/types.ts';
import { FriendRequest } from './friend.ts';

const request = FriendRequest;

export const friendRequested = event('friend:requested', 'A friend request was sent, to you or by you on another device.', { request });
export const friendAccepted = event('friend:accepted', 'A friend request was accepted: the two are friends now.', { request });
export const friendRejected = event('friend:rejected', 'A friend request of yours was declined.', { request });
export const friendCancelled = event('friend:cancelled', 'A friend request was taken back.', { request });
export const friendRemoved = event('friend:removed', 'You are not friends with this person any more.', { userId: id('user') });
