import { event } from '../kernel/event.ts';
import { id } from '../kernel/types.ts';
import { FriendRequest } from './friend.ts';

const request = FriendRequest;

export const friendRequested = event('friend:requested', 'A friend request was sent, to you or by you on another device.', { request });
export const friendAccepted = event('friend:accepted', 'A friend request was accepted: the two users are now friends.', { request });
export const friendRejected = event('friend:rejected', 'A friend request of yours was declined.', { request });
export const friendCancelled = event('friend:cancelled', 'A friend request was cancelled.', { request });
export const friendRemoved = event('friend:removed', 'You are no longer friends with this user.', { userId: id('user') });
