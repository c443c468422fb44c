import type { DeadLetterFilter, DeadLetters, EntryOf } from '@coucou/application/ports/dead-letters';
import { asId } from '@coucou/domain/kernel/ids';
import { createAuditLogRepository } from '../audit/audit-log-repository.ts';
import type { SessionPool } from '../kit/session.ts';
import { asSystem } from '../transactions/transaction.ts';

const CHOSEN = 'dead_at is not null and ($1::uuid is null or account_id = $1) and ($2::uuid[] is null or id = any($2))';

const LIST = `
  select account_id, id, type, payload, attempts, last_error, created_at, dead_at from outbox where ${CHOSEN}
  order by dead_at desc, id limit $3`;
const RETRY = `update outbox set dead_at = null, attempts = 0, due_at = clock_now() where ${CHOSEN} returning account_id`;
const DROP = `delete from outbox where ${CHOSEN} returning account_id`;

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
  const settle = (text: string, filter: DeadLetterFilter, entryOf: EntryOf) =>
    asSystem(pool, 'outbox', async (session) => {
      const { rows } = await session.query<Pick<Row, 'account_id'>>(text, chosen(filter));
      const log = createAuditLogRepository(session.db);
      for (const [account, those] of Map.groupBy(rows, ({ account_id: id }) => id)) await log.add(entryOf(asId(account), those.length));
      return rows.length;
    });
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
    retry: (filter, entryOf) => settle(RETRY, filter, entryOf),
    drop: (filter, entryOf) => settle(DROP, filter, entryOf),
  };
}
