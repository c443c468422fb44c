import { acceptRequest, cancelRequest, rejectRequest } from '@coucou/application/friends/close-request';
import { FriendReader } from '@coucou/application/friends/friend-reader';
import { listFriends } from '@coucou/application/friends/list-friends';
import { listRequests } from '@coucou/application/friends/list-requests';
import { removeFriend } from '@coucou/application/friends/remove-friend';
import { FriendRequests, Friendships } from '@coucou/application/friends/repositories';
import { requestFriend } from '@coucou/application/friends/request-friend';
import { bind } from '@coucou/application/kernel/operation';
import * as answers from '@coucou/contracts/friends/answer-request';
import { listFriends as listFriendsContract } from '@coucou/contracts/friends/list-friends';
import { listRequests as listRequestsContract } from '@coucou/contracts/friends/list-requests';
import { removeFriend as removeFriendContract } from '@coucou/contracts/friends/remove-friend';
import { requestFriend as requestFriendContract } from '@coucou/contracts/friends/request-friend';
import { friendErrors } from '@coucou/domain/friends/friend-request';
import { createFriendReader } from '@coucou/postgres/friends/friend-reader';
import { createFriendRequestRepository, createFriendshipRepository } from '@coucou/postgres/friends/friend-repositories';
import { reader, repository } from '@coucou/postgres/kit/storage-parts';
import { feature } from '../feature.ts';
import { friendEvents } from './events.ts';
import { presentFriendPage, presentFriendRequest, presentFriendRequestPage } from './presenters.ts';
import { friendSettings } from './settings.ts';

const nothing = () => {};

export const friendsFeature = feature({
  name: 'friends',
  operations: [
    bind(requestFriendContract, requestFriend, presentFriendRequest, ({ existing }) => existing),
    bind(answers.acceptRequest, acceptRequest, presentFriendRequest),
    bind(answers.rejectRequest, rejectRequest, presentFriendRequest),
    bind(answers.cancelRequest, cancelRequest, presentFriendRequest),
    bind(listRequestsContract, listRequests, presentFriendRequestPage),
    bind(listFriendsContract, listFriends, presentFriendPage),
    bind(removeFriendContract, removeFriend, nothing),
  ],
  errors: [friendErrors],
  settings: friendSettings,
  events: friendEvents,
  storage: {
    repositories: [repository(FriendRequests, createFriendRequestRepository), repository(Friendships, createFriendshipRepository)],
    readers: [reader(FriendReader, createFriendReader)],
  },
});
