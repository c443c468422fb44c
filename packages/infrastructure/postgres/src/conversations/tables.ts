import type { ConversationSettings } from '@coucou/domain/conversations/conversation';
import type { ColumnType, Generated } from 'kysely';
import type { Json, NullableJson } from '../kit/json.ts';

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
  member_count: number;
  /** The first message that is kept. */
  first_seq: Generated<number>;
  /** The version in which it last moved; 0: it never did. */
  trimmed_version: Generated<number>;
  /** The version of the last change of what its members see of the conversation itself, the number of members included. */
  changed_version: number;
  /** Computed from the settings. */
  slow_mode_seconds: ColumnType<number, never, never>;
  status: Generated<'open' | 'pending' | 'resolved'>;
  assignee_id: Generated<string | null>;
  labels: Generated<string[]>;
  deleted_at: Generated<Date | null>;
};

/** What every message changes of its conversation. Nothing refers to it; the conversation is locked by it. */
export type ConversationHeadTable = {
  account_id: string;
  conversation_id: string;
  last_seq: number;
  version: number;
  receipts_version: number;
  access_version: number;
  countable: number;
  /** The time of the newest message; before the first, when the conversation was created. */
  active_at: Date;
  era: ColumnType<number, never, never>;
};

export type MemberTable = {
  account_id: string;
  conversation_id: string;
  user_id: string;
  role: 'owner' | 'admin' | 'moderator' | 'member';
  joined_at: Date;
  joined_seq: number;
  joined_version: Generated<number>;
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
  /** How often messages and receipts wrote the marks. */
  mark_writes: Generated<number>;
  era: ColumnType<number, never, never>;
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
