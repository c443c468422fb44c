import type { HeldNameRepository } from '@coucou/domain/users/held-name-repository';
import type { UserRepository } from '@coucou/domain/users/user-repository';
import type { FeedRepository } from '@coucou/domain/users/feed-repository';
import type { RelationRepository } from '@coucou/domain/users/relation-repository';
import type { UserAdministrationRepository } from '@coucou/domain/users/administration-repository';
import { token } from '../kernel/token.ts';

export const Users = token<UserRepository>('Users');
export const UserAdministration = token<UserAdministrationRepository>('UserAdministration');
export const Feeds = token<FeedRepository>('Feeds');
export const UserRelations = token<RelationRepository>('UserRelations');
export const HeldNames = token<HeldNameRepository>('HeldNames');
