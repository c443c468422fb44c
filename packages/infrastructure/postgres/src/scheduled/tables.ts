import type { NullableJson } from '../kit/json.ts';

export type ScheduledMessageTable = {
  account_id: string;
  id: string;
  owner: 'person' | 'account';
  sender_id: string;
  conversation_id: string;
  status: 'scheduled' | 'sending' | 'failed';
  revision: number;
  type: 'text' | 'image' | 'file' | 'custom';
  content: string | null;
  data: NullableJson<Record<string, unknown>>;
  reply_to_id: string | null;
  thread_root_id: string | null;
  attachment_ids: string[];
  mentions: string[];
  mention_all: boolean;
  expires_in_seconds: number | null;
  starts_at: Date;
  next_at: Date;
  rrule: string | null;
  time_zone: string | null;
  refusals: number;
  refusal: string | null;
  created_at: Date;
  updated_at: Date;
};
