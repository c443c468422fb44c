import type { Generated } from 'kysely';
import type { Json } from '../kit/json.ts';

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
  stored_by: Generated<string | null>;
  claimed_by: Generated<string | null>;
  running_since: Date | null;
  dedup_key: Generated<string | null>;
  progress: Generated<number | null>;
};
