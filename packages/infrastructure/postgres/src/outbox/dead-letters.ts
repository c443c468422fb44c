import type { DeadLetterFilter, DeadLetters } from '@coucou/application/ports/dead-letters';
import { asId } from '@coucou/domain/kernel/ids';
import type { SessionPool } from '../kit/session.ts';
import { asSystem } from '../transactions/transaction.ts';

const CHOSEN = 'dead_at is not null and ($1::uuid is null or account_id = $1) and ($2::uuid[] is null or id = any($2))';

const LIST = `
  select account_id, id, type, payload, attempts, last_error, created_at, dead_at from outbox where ${CHOSEN}
  order by dead_at desc, id limit $3`;
const RETRY = `update outbox set dead_at = null, attempts = 0, due_at = clock_now() where ${CHOSEN}`;
const DROP = `delete from outbox where ${CHOSEN}`;

type Row = Readonly<{
  account_id: string;
  id: string;
  type: string;
  payload: Record<string, unknown>;
  attempts: number;
  last_error: string | null;
  created_at: Date;
  dead_at: Date;
}>;

const chosen = ({ account, ids }: DeadLetterFilter): unknown[] => [account ?? null, ids ?? null];

export function createDeadLetters(pool: SessionPool): DeadLetters {
  const ask = (text: string, params: readonly unknown[]) => asSystem(pool, 'outbox', (session) => session.query<Row>(text, params));
  return {
    async list(filter, limit) {
      const { rows } = await ask(LIST, [...chosen(filter), limit]);
      return rows.map((row) => ({
        id: row.id,
        accountId: asId(row.account_id),
        type: row.type,
        payload: row.payload,
        attempts: row.attempts,
        error: row.last_error ?? '',
        storedAt: row.created_at,
        diedAt: row.dead_at,
      }));
    },
    retry: async (filter) => (await ask(RETRY, chosen(filter))).rowCount,
    drop: async (filter) => (await ask(DROP, chosen(filter))).rowCount,
  };
}
