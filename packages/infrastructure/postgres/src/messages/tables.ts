import type { Json, NullableJson } from '../kit/json.ts';

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
  /** What features show in it, by the name of the part. */
  parts: NullableJson<Record<string, unknown>>;
  reply_to_seq: number | null;
  thread_root_seq: number | null;
  mentions: string[];
  mention_all: boolean;
  attachment_ids: string[];
  forwarded: boolean;
  /** Number of reactions per emoji. */
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
  expires_at: Date | null;
};

export type MessageEditTable = {
  account_id: string;
  conversation_id: string;
  seq: number;
  /** The version that replaced this content. */
  version: number;
  content: string | null;
  edited_at: Date;
  edited_by: string;
};

export type ReactionTable = { account_id: string; conversation_id: string; seq: number; user_id: string; emoji: string; created_at: Date };

export type HideTable = { account_id: string; user_id: string; conversation_id: string; seq: number };

export type MentionTable = { account_id: string; user_id: string; conversation_id: string; seq: number };

export type MessageSearchTable = {
  account_id: string;
  conversation_id: string;
  seq: number;
  sender_id: string;
  created_at: Date;
  folded: string;
  terms: string;
};
