import { deleteBlock } from '@coucou/application/blocks/delete-block';
import { listBlocks } from '@coucou/application/blocks/list-blocks';
import { putBlock } from '@coucou/application/blocks/put-block';
import { acceptRequest, cancelRequest, rejectRequest } from '@coucou/application/friends/close-request';
import { listFriends } from '@coucou/application/friends/list-friends';
import { listRequests } from '@coucou/application/friends/list-requests';
import { removeFriend } from '@coucou/application/friends/remove-friend';
import { requestFriend } from '@coucou/application/friends/request-friend';
import { bind } from '@coucou/application/kernel/module';
import { getPreferences, putPreferences } from '@coucou/application/preferences/preferences';
import { getPresence, queryPresence, setPresence } from '@coucou/application/presence/get-presence';
import { getUser } from '@coucou/application/users/get-user';
import { searchUsers } from '@coucou/application/users/search-users';
import { updateMe } from '@coucou/application/users/update-me';
import * as blocks from '@coucou/contracts/blocks/block';
import * as answers from '@coucou/contracts/friends/answer-request';
import { listFriends as listFriendsContract } from '@coucou/contracts/friends/list-friends';
import { listRequests as listRequestsContract } from '@coucou/contracts/friends/list-requests';
import { removeFriend as removeFriendContract } from '@coucou/contracts/friends/remove-friend';
import { requestFriend as requestFriendContract } from '@coucou/contracts/friends/request-friend';
import * as preferences from '@coucou/contracts/preferences/preferences';
import * as presence from '@coucou/contracts/presence/presence';
import { getUser as getUserContract } from '@coucou/contracts/users/get-user';
import { searchUsers as searchUsersContract } from '@coucou/contracts/users/search-users';
import { updateMe as updateMeContract } from '@coucou/contracts/users/update-me';
import { presentBlockPage, presentFriendPage, presentFriendRequest, presentFriendRequestPage } from '@coucou/features/friends/presenters';
import { presentUserPage } from '@coucou/features/users/user-page';
import { presentPreferences } from '@coucou/features/preferences/presenters';
import { presentPresence, presentPresences } from '@coucou/features/presence/presenters';
import { presentOwnUser, presentProfile } from '@coucou/features/users/presenters';
import type { Module } from '../compose.ts';

const nothing = () => {};

export const people: Module = {
  name: 'people',
  operations: [
    bind(searchUsersContract, searchUsers, presentUserPage),
    bind(updateMeContract, updateMe, presentOwnUser),
    bind(getUserContract, getUser, presentProfile),
    bind(preferences.getPreferences, getPreferences, presentPreferences),
    bind(preferences.putPreferences, putPreferences, presentPreferences),
    bind(requestFriendContract, requestFriend, presentFriendRequest, ({ existing }) => existing),
    bind(answers.acceptRequest, acceptRequest, presentFriendRequest),
    bind(answers.rejectRequest, rejectRequest, presentFriendRequest),
    bind(answers.cancelRequest, cancelRequest, presentFriendRequest),
    bind(listRequestsContract, listRequests, presentFriendRequestPage),
    bind(listFriendsContract, listFriends, presentFriendPage),
    bind(removeFriendContract, removeFriend, nothing),
    bind(blocks.putBlock, putBlock, nothing),
    bind(blocks.deleteBlock, deleteBlock, nothing),
    bind(blocks.listBlocks, listBlocks, presentBlockPage),
    bind(presence.getPresence, getPresence, presentPresence),
    bind(presence.queryPresence, queryPresence, presentPresences),
    bind(presence.setPresence, setPresence, nothing),
  ],
};
