import type { FriendRequest, FriendRequestStatus } from '@coucou/domain/friends/friend-request';
import type { AccountId, Instant, UserId } from '@coucou/domain/kernel/ids';
import type { User } from '@coucou/domain/users/user';
import type { Page, PageRequest } from '../conversations/conversation-reader.ts';
import { token } from '../kernel/token.ts';

export type FriendView = Readonly<{ user: User; since: Instant }>;
export type FriendRequestView = Readonly<{ request: FriendRequest; from: User; to: User }>;
export type RequestFilter = Readonly<{ direction: 'incoming' | 'outgoing'; status: FriendRequestStatus }>;

/** The viewer's friends and requests, newest first; each method is one query. */
export interface FriendReader {
  list(account: AccountId, viewer: UserId, page: PageRequest): Promise<Page<FriendView>>;
  listRequests(account: AccountId, viewer: UserId, filter: RequestFilter, page: PageRequest): Promise<Page<FriendRequestView>>;
}
export const FriendReader = token<FriendReader>('FriendReader');
