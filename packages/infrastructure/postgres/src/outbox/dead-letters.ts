import type { DeadLetterFilter, DeadLetters, EntryOf } from '@coucou/application/ports/dead-letters';
import { asId } from '@coucou/domain/kernel/ids';
import { createAuditLogRepository } from '../audit/audit-log-repository.ts';
import type { SessionPool } from '../kit/session.ts';
import { asSystem } from '../transactions/transaction.ts';
import { DEAD_LETTER, type DeadLetterRow, toDeadLetter } from '../jobs/dead-letter-row.ts';

const CHOSEN = 'dead_at is not null and ($1::uuid is null or account_id = $1) and ($2::uuid[] is null or id = any($2))';

const LIST = `
  select ${DEAD_LETTER.join(', ')} from outbox where ${CHOSEN}
  order by dead_at desc, id limit $3`;
const RETRY = `update outbox set dead_at = null, attempts = 0, due_at = clock_now() where ${CHOSEN} returning account_id`;
const DROP = `delete from outbox where ${CHOSEN} returning account_id`;
/** What is claimed and not run by whoever claimed it waits in a queue, or is part of a batch. */
const COUNT = `
  select type,
    (count(*) filter (where dead_at is null and claimed_by is null and due_at <= clock_now()))::integer as due,
    (count(*) filter (where claimed_by is not null and running_since is null))::integer as queued,
    (count(*) filter (where running_since is not null))::integer as running,
    avg(progress) filter (where running_since is not null) as progress,
    (count(*) filter (where dead_at is null and claimed_by is null and due_at > clock_now()))::integer as later,
    (count(*) filter (where dead_at is not null))::integer as dead,
    coalesce(greatest(extract(epoch from clock_now() - min(due_at) filter (where dead_at is null)), 0), 0)::float as "oldestSeconds"
  from outbox where $1::uuid is null or account_id = $1 group by type order by type`;

const chosen = ({ account, ids }: DeadLetterFilter): unknown[] => [account ?? null, ids ?? null];

export function createDeadLetters(pool: SessionPool): DeadLetters {
  const ask = (text: string, params: readonly unknown[]) => asSystem(pool, 'outbox', (session) => session.query<never>(text, params));
  const settle = (text: string, filter: DeadLetterFilter, entryOf: EntryOf) =>
    asSystem(pool, 'outbox', async (session) => {
      const { rows } = await session.query<Pick<DeadLetterRow, 'account_id'>>(text, chosen(filter));
      const log = createAuditLogRepository(session.db);
      for (const [account, those] of Map.groupBy(rows, ({ account_id: id }) => id)) await log.add(entryOf(asId(account), those.length));
      return rows.length;
    });
  return {
    async list(filter, limit) {
      const { rows } = await ask(LIST, [...chosen(filter), limit]);
      return (rows as readonly DeadLetterRow[]).map(toDeadLetter);
    },
    retry: (filter, entryOf) => settle(RETRY, filter, entryOf),
    drop: (filter, entryOf) => settle(DROP, filter, entryOf),
    count: async ({ account }) => (await ask(COUNT, [account ?? null])).rows,
  };
}
