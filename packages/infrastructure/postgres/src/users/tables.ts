import type { Preferences } from '@coucou/domain/preferences/preferences';
import type { ColumnType, Generated } from 'kysely';
import type { Json, NullableJson } from '../kit/json.ts';

export type UserTable = {
  account_id: string;
  id: string;
  username: string;
  username_key: string;
  email: string | null;
  email_key: string | null;
  email_verified: boolean;
  display_name: string;
  /** What it is searched by (`User.searchKey`). */
  display_name_key: string;
  avatar_url: string | null;
  bio: string | null;
  custom: NullableJson<Record<string, unknown>>;
  role: 'owner' | 'admin' | 'member' | 'guest';
  password_hash: string | null;
  created_at: Date;
  last_seen_at: Date | null;
  suspended_at: Generated<Date | null>;
  /** The newest entry of the person's own feed. */
  user_version: Generated<number>;
};

export type SessionTable = {
  account_id: string;
  id: string;
  user_id: string;
  ip: string;
  user_agent: string;
  created_at: Date;
  last_used_at: Date;
  expires_at: Date;
  revoked_at: Date | null;
};

export type RefreshTokenTable = {
  account_id: string;
  token_hash: string;
  session_id: string;
  issued_at: Date;
  expires_at: Date;
  spent_at: Date | null;
};

export type BlockTable = { account_id: string; blocker_id: string; blocked_id: string; created_at: Date };

/** The pair in the order of its ids. */
export type FriendshipTable = { account_id: string; lower_id: string; higher_id: string; since: Date };

export type FriendRequestTable = {
  account_id: string;
  id: string;
  from_id: string;
  to_id: string;
  status: 'pending' | 'accepted' | 'rejected' | 'cancelled';
  created_at: Date;
  responded_at: Date | null;
};

export type PreferenceTable = {
  account_id: string;
  user_id: string;
  settings: ColumnType<Preferences, string, string>;
  updated_at: Generated<Date>;
};

export type NotificationTable = {
  account_id: string;
  user_id: string;
  id: string;
  kind: 'mention' | 'reply' | 'added' | 'friendRequested' | 'friendAccepted';
  /** What it tells of: nobody is told twice. */
  once: string;
  actor_id: string;
  conversation_id: string | null;
  message_id: string | null;
  seq: number | null;
  friend_request_id: string | null;
  created_at: Date;
  read_at: Date | null;
};

export type UserEventTable = {
  account_id: string;
  user_id: string;
  version: number;
  kind: string;
  payload: Json<Record<string, unknown>>;
  created_at: Generated<Date>;
};
