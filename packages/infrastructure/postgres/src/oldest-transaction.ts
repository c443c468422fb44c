import type { SessionPool } from './kit/session.ts';
import { transaction } from './transactions/transaction.ts';

/** As the login itself: PostgreSQL tells a role when the transactions of its own began, and no other; the role of the sessions has none. */
const AS_LOGIN = 'begin read only; set local role none';

const OLDEST = `
  select coalesce(max(extract(epoch from clock_now() - xact_start)), 0)::float as seconds from pg_stat_activity
  where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'`;

/** For how long the oldest open transaction of the server's login has run, in seconds, on any node; 0 where none is open. */
export const oldestTransaction = (pool: SessionPool): Promise<number> =>
  transaction(pool, 'a look at the transactions', AS_LOGIN, async (session) => {
    const { rows } = await session.query<{ seconds: number }>(OLDEST, [], 'oldest-transaction');
    return rows[0]?.seconds ?? 0;
  });
