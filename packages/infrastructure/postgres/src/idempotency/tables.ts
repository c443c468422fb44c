import type { Generated } from 'kysely';

export type IdempotencyRecordTable = {
  account_id: string;
  /** The person or the API key whose key it is. */
  caller_id: string;
  key: string;
  fingerprint: string;
  status: number;
  /** JSON text; null where nothing was answered. */
  body: string | null;
  expires_at: Generated<Date>;
};
