import type { Generated } from 'kysely';
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
  /** A tsvector (`nameKeys`). */
  name_grams: string;
  avatar_url: string | null;
  bio: string | null;
  custom: NullableJson<Record<string, unknown>>;
  role: 'owner' | 'admin' | 'member' | 'guest';
  password_hash: string | null;
  created_at: Date;
  last_seen_at: Date | null;
  suspended_at: Generated<Date | null>;
  /** Writes nowhere until then; may be past. */
  muted_until: Generated<Date | null>;
  /** Their id at the account's own system. */
  external_id: Generated<string | null>;
  deleted_at: Generated<Date | null>;
  security_version: Generated<number>;
  username_changed_at: Generated<Date | null>;
  /** The version of the newest feed entry. */
  user_version: Generated<number>;
};

export type UserEventTable = {
  account_id: string;
  user_id: string;
  version: number;
  kind: string;
  payload: Json<Record<string, unknown>>;
  created_at: Generated<Date>;
};

/** A username or an address that somebody gave up, by its key. */
export type HeldNameTable = {
  account_id: string;
  kind: 'username' | 'email';
  key: string;
  name: string;
  user_id: string;
  held_until: Date;
  security_version: number;
};
