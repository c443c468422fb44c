import type { DeadLetter } from '@coucou/domain/jobs/dead-letter';
import { asId } from '@coucou/domain/kernel/ids';

export const DEAD_LETTER = ['account_id', 'id', 'type', 'payload', 'attempts', 'last_error', 'created_at', 'dead_at'] as const;

export type DeadLetterRow = Readonly<{
  account_id: string;
  id: string;
  type: string;
  payload: Record<string, unknown>;
  attempts: number;
  last_error: string | null;
  created_at: Date;
  dead_at: Date | null;
}>;

export const toDeadLetter = (row: DeadLetterRow): DeadLetter => ({
  id: asId(row.id),
  accountId: asId(row.account_id),
  type: row.type,
  payload: row.payload,
  attempts: row.attempts,
  error: row.last_error ?? '',
  storedAt: row.created_at,
  diedAt: row.dead_at ?? row.created_at,
});
