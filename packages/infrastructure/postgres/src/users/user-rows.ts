import { asId } from '@coucou/domain/kernel/ids';
import type { User } from '@coucou/domain/users/user';
import type { Selectable } from 'kysely';
import { instant, instantOrUndefined, orUndefined } from '../kit/nullable.ts';
import type { UserTable } from './tables.ts';

export type UserRow = Omit<
  Selectable<UserTable>,
  | 'username_key'
  | 'email_key'
  | 'display_name_key'
  | 'name_grams'
  | 'password_hash'
  | 'suspended_at'
  | 'muted_until'
  | 'external_id'
  | 'deleted_at'
  | 'security_version'
  | 'username_changed_at'
  | 'user_version'
>;

export const userColumns = [
  'app_user.account_id',
  'app_user.id',
  'app_user.username',
  'app_user.email',
  'app_user.email_verified',
  'app_user.display_name',
  'app_user.avatar_url',
  'app_user.bio',
  'app_user.custom',
  'app_user.role',
  'app_user.created_at',
  'app_user.last_seen_at',
] as const;

export const toUser = (row: UserRow): User => ({
  accountId: asId(row.account_id),
  id: asId(row.id),
  username: row.username,
  email: orUndefined(row.email),
  emailVerified: row.email_verified,
  displayName: row.display_name,
  avatarUrl: orUndefined(row.avatar_url),
  bio: orUndefined(row.bio),
  custom: orUndefined(row.custom),
  role: row.role,
  createdAt: instant(row.created_at),
  lastSeenAt: instantOrUndefined(row.last_seen_at),
});

/** The public fields of a user as JSON; `alias` is the row's alias. */
export const publicUserJson = (alias: string): string => `json_build_object(
    'account_id', ${alias}.account_id, 'id', ${alias}.id, 'username', ${alias}.username, 'email', null, 'email_verified', false,
    'display_name', ${alias}.display_name, 'avatar_url', ${alias}.avatar_url, 'bio', ${alias}.bio, 'custom', ${alias}.custom,
    'role', ${alias}.role, 'created_at', ${alias}.created_at, 'last_seen_at', ${alias}.last_seen_at)`;
