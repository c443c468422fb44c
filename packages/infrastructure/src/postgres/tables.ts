import type { ConversationSettings } from '@coucou/domain/conversations/conversation';
import type { ColumnType, Generated } from 'kysely';
import type { BlockTable, FriendRequestTable, FriendshipTable, PreferenceTable } from './people-tables.ts';

/** Read back as a value, written as JSON text: drivers differ in how they serialise objects. */
type Json<T> = ColumnType<T, string, string>;
type NullableJson<T> = ColumnType<T | null, string | null, string | null>;

export type AccountTable = { account_id: string; name: string; client_key: string; created_at: Date };

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

export type ConversationTable = {
  account_id: string;
  id: string;
  type: 'direct' | 'group';
  visibility: 'private' | 'public';
  title: string | null;
  description: string | null;
  avatar_url: string | null;
  custom: NullableJson<Record<string, unknown>>;
  settings: Json<ConversationSettings>;
  direct_lower: string | null;
  direct_higher: string | null;
  created_by: string;
  created_at: Date;
  last_seq: number;
  version: number;
  receipts_version: number;
  access_version: number;
  countable: number;
  member_count: number;
  last_message_at: Date | null;
  /** The version of the last change of what its members see of the conversation itself, the number of members included. */
  changed_version: number;
  /** Computed from the settings. */
  slow_mode_seconds: ColumnType<number, never, never>;
  status: Generated<'open' | 'pending' | 'resolved'>;
  assignee_id: Generated<string | null>;
  labels: Generated<string[]>;
  deleted_at: Generated<Date | null>;
};

export type MemberTable = {
  account_id: string;
  conversation_id: string;
  user_id: string;
  role: 'owner' | 'admin' | 'moderator' | 'member';
  joined_at: Date;
  joined_seq: number;
  delivered_seq: number;
  read_seq: number;
  unread_from_seq: number | null;
  unread_base: number;
  own_since: Generated<number>;
  receipts_at: Generated<number>;
  version: number;
  posting_muted_until: Date | null;
  notify_muted_until: Date | null;
  notify: Generated<'all' | 'mentions' | 'none'>;
  archived: Generated<boolean>;
  pinned: Generated<boolean>;
  last_posted_at: Generated<Date | null>;
  left_at: Date | null;
};

export type MessageTable = {
  account_id: string;
  conversation_id: string;
  seq: number;
  id: string;
  sender_id: string;
  client_message_id: string;
  type: 'text' | 'image' | 'file' | 'system' | 'custom';
  content: string | null;
  data: NullableJson<Record<string, unknown>>;
  reply_to_seq: number | null;
  thread_root_seq: number | null;
  mentions: string[];
  mention_all: boolean;
  attachment_ids: string[];
  forwarded: boolean;
  /** How many reacted with each emoji. */
  reactions: Json<Record<string, number>>;
  reply_count: number;
  last_reply_seq: number | null;
  pinned_at: Date | null;
  pinned_by: string | null;
  count_seq: number;
  version: number;
  created_at: Date;
  edited_at: Date | null;
  deleted_at: Date | null;
};

export type BanTable = {
  account_id: string;
  conversation_id: string;
  user_id: string;
  banned_by: string;
  reason: string | null;
  created_at: Date;
  expires_at: Date | null;
};

export type InviteTable = {
  account_id: string;
  code: string;
  conversation_id: string;
  created_by: string;
  created_at: Date;
  expires_at: Date | null;
  max_uses: number | null;
  uses: number;
  revoked_at: Date | null;
};

export type AttachmentTable = {
  account_id: string;
  id: string;
  owner_id: string;
  name: string;
  type: string;
  size: number;
  width: number | null;
  height: number | null;
  status: 'pending' | 'ready';
  upload_key: string | null;
  storage_key: string | null;
  thumbnail_key: string | null;
  quota_bytes: number;
  created_at: Date;
};

export type ReportTable = {
  account_id: string;
  id: string;
  reporter_id: string;
  kind: 'message' | 'user';
  user_id: string;
  message_id: string | null;
  conversation_id: string | null;
  seq: number | null;
  snapshot: Json<Record<string, unknown>>;
  reason: string;
  status: Generated<'open' | 'resolved' | 'dismissed'>;
  created_at: Date;
};

export type WordRuleTable = { account_id: string; word: string; action: 'mask' | 'reject' };

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

export type MessageSearchTable = {
  account_id: string;
  conversation_id: string;
  seq: number;
  sender_id: string;
  created_at: Date;
  folded: string;
  terms: string;
};

export type MentionTable = { account_id: string; user_id: string; conversation_id: string; seq: number };

export type MessageEditTable = {
  account_id: string;
  conversation_id: string;
  seq: number;
  /** The one that took the place of this content. */
  version: number;
  content: string | null;
  edited_at: Date;
  edited_by: string;
};

export type ReactionTable = { account_id: string; conversation_id: string; seq: number; user_id: string; emoji: string; created_at: Date };

export type HideTable = { account_id: string; user_id: string; conversation_id: string; seq: number };

export type AttachmentUseTable = { account_id: string; attachment_id: string; conversation_id: string; seq: number };

export type ThreadMarkTable = { account_id: string; user_id: string; conversation_id: string; root_seq: number; read_seq: number };

export type DraftTable = {
  account_id: string;
  user_id: string;
  conversation_id: string;
  content: string;
  reply_to_id: string | null;
  updated_at: Date;
};

export type UserEventTable = {
  account_id: string;
  user_id: string;
  version: number;
  kind: string;
  payload: Json<Record<string, unknown>>;
  created_at: Generated<Date>;
};

export type OutboxTable = {
  account_id: string;
  id: string;
  type: string;
  payload: Json<Record<string, unknown>>;
  created_at: Generated<Date>;
  due_at: Generated<Date>;
  attempts: Generated<number>;
  last_error: string | null;
  dead_at: Date | null;
};

export type SigningKeyTable = {
  kid: string;
  first: boolean | null;
  algorithm: string;
  public_jwk: string;
  sealed_private_jwk: string;
  created_at: Date;
};

export type Tables = {
  account: AccountTable;
  app_user: UserTable;
  session: SessionTable;
  refresh_token: RefreshTokenTable;
  conversation: ConversationTable;
  member: MemberTable;
  message: MessageTable;
  attachment: AttachmentTable;
  mention: MentionTable;
  message_search: MessageSearchTable;
  report: ReportTable;
  word_rule: WordRuleTable;
  notification: NotificationTable;
  message_edit: MessageEditTable;
  reaction: ReactionTable;
  hide: HideTable;
  attachment_use: AttachmentUseTable;
  thread_mark: ThreadMarkTable;
  draft: DraftTable;
  ban: BanTable;
  invite: InviteTable;
  user_event: UserEventTable;
  block: BlockTable;
  friendship: FriendshipTable;
  friend_request: FriendRequestTable;
  preference: PreferenceTable;
  outbox: OutboxTable;
  signing_key: SigningKeyTable;
  deployment: { one: boolean; epoch: string };
};
