import type { FriendRequestRepository, FriendshipRepository } from '@coucou/domain/friends/friend-repositories';
import { token } from '../kernel/token.ts';

export const FriendRequests = token<FriendRequestRepository>('FriendRequests');
export const Friendships = token<FriendshipRepository>('Friendships');
