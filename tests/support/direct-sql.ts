import { createPgPool, RUNTIME_SESSION } from '@coucou/postgres/kit/pg-pool';
import type { Session, SessionPool } from '@coucou/postgres/kit/session';
import type { AccountId } from '@coucou/domain/kernel/ids';
import { asAdmin } from './database.ts';
import type { Payload } from './event-log.ts';
import { ids } from './fixtures.ts';
import { inTransaction } from './in-transaction.ts';

/** Statements of a test, past repositories and use-cases. */
export type DirectSql = Readonly<{
  /** One statement in the default account, with the rights of the server: for what no operation of the feature under test does. */
  sql(text: string, params?: readonly unknown[]): Promise<Payload[]>;
  /** A session with every right, which no policy binds: for damage that nothing in the product does. */
  behind<T>(work: (session: Session) => Promise<T>): Promise<T>;
  /** Makes the events of the outbox due that wait for a time, as if it had come. */
  dueNow(): Promise<void>;
  /** A picture that this person has uploaded: its id. */
  attachment(owner: Readonly<{ id: string; account: AccountId }>): Promise<string>;
}>;

/** `url`: of PostgreSQL; absent: `pool` is the embedded database's one connection, whose role changes for `behind`. */
export function createDirectSql({
  pool,
  url,
  account: first,
}: Readonly<{ pool: SessionPool; url: string | undefined; account: AccountId }>): DirectSql {
  const sql: DirectSql['sql'] = (text, params = []) =>
    pool.use((session) =>
      inTransaction(session, `set local app.account_id = '${first}'`, async () => (await session.query<Payload>(text, params)).rows),
    );
  return {
    sql,
    async behind(work) {
      if (url !== undefined) {
        const admin = createPgPool({ url: asAdmin(url), max: 1 });
        try {
          return await admin.use(work);
        } finally {
          await admin.end();
        }
      }
      return pool.use(async (session) => {
        await session.script('reset role');
        try {
          return await work(session);
        } finally {
          await session.script(RUNTIME_SESSION);
        }
      });
    },
    dueNow: () =>
      pool.use((session) =>
        session.script(`
          begin; set local role coucou_system;
          update outbox set due_at = clock_now() where due_at > clock_now() and dead_at is null;
          commit`),
      ),
    async attachment({ account, id: owner }) {
      const id = ids.next();
      await sql(
        `insert into attachment (account_id, id, owner_id, name, type, size, status, storage_key, quota_bytes, created_at)
         values ($1, $2, $3, 'a.png', 'image/png', 3, 'ready', $4, 3, now())`,
        [account, id, owner, `kept/${id}`],
      );
      return id;
    },
  };
}
