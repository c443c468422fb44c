import { bind } from '@coucou/application/kernel/operation';
import { changeUsername } from '@coucou/application/users/change-username';
import { forgetHeldNames } from '@coucou/application/users/forget-held-names';
import { getUser } from '@coucou/application/users/get-user';
import { UserReader } from '@coucou/application/users/user-reader';
import { Feeds, HeldNames, UserRelations, Users } from '@coucou/application/users/repositories';
import { searchUsers } from '@coucou/application/users/search-users';
import { trimFeedsHourly } from '@coucou/application/users/trim-feeds';
import { updateMe } from '@coucou/application/users/update-me';
import { changeUsername as changeUsernameContract } from '@coucou/contracts/users/change-username';
import { getUser as getUserContract } from '@coucou/contracts/users/get-user';
import { searchUsers as searchUsersContract } from '@coucou/contracts/users/search-users';
import { updateMe as updateMeContract } from '@coucou/contracts/users/update-me';
import { userActions } from '@coucou/domain/users/audit-actions';
import { userErrors } from '@coucou/domain/users/user';
import { reader, repository } from '@coucou/postgres/kit/storage-parts';
import { createFeedRepository } from '@coucou/postgres/users/feed-repository';
import { createHeldNameRepository } from '@coucou/postgres/users/held-name-repository';
import { createRelationRepository } from '@coucou/postgres/users/relation-repository';
import { createUserReader } from '@coucou/postgres/users/user-reader';
import { createUserRepository } from '@coucou/postgres/users/user-repository';
import { presentPage } from '../conversations/presenters.ts';
import { feature } from '../feature.ts';
import { userEvents } from './events.ts';
import { presentOwnUser, presentProfile, presentUser } from './presenters.ts';

export const usersFeature = feature({
  name: 'users',
  operations: [
    bind(searchUsersContract, searchUsers, presentPage(presentUser)),
    bind(updateMeContract, updateMe, presentOwnUser),
    bind(changeUsernameContract, changeUsername, presentOwnUser),
    bind(getUserContract, getUser, presentProfile),
  ],
  auditActions: [userActions],
  errors: [userErrors],
  events: userEvents,
  jobs: [trimFeedsHourly, forgetHeldNames],
  storage: {
    repositories: [
      repository(Users, createUserRepository),
      repository(HeldNames, createHeldNameRepository),
      repository(Feeds, createFeedRepository),
      repository(UserRelations, createRelationRepository),
    ],
    readers: [reader(UserReader, createUserReader)],
  },
});
