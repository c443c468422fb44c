import type { Generated } from 'kysely';
import type { Json } from '../kit/json.ts';

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
