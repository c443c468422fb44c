import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { isReadOnly, isRetryable, translateDatabaseError } from '../kit/errors.ts';
import type { Access, Rows, Session, SessionPool } from '../kit/session.ts';

/** Tracks the current transaction, to refuse a nested one: the two could deadlock over the pool. */
const inside = new AsyncLocalStorage<string>();

export function refuseNested(what: string): void {
  const outer = inside.getStore();
  if (outer !== undefined) throw new Error(`${what} inside ${outer}: a unit of work must not open another`);
}

/** Attempts after deadlocks and serialisation failures. */
const ATTEMPTS = 4;

/**
 * Runs work between BEGIN and COMMIT; the account is set in the same round trip as BEGIN. The work's first statement does not wait for the
 * answer to it: where a transaction fails to begin, the server refuses what follows.
 */
export async function transaction<T>(pool: SessionPool, what: string, begin: string, work: (session: Session) => Promise<T>): Promise<T> {
  refuseNested(what);
  return inside.run(what, () =>
    pool.use(async (session) => {
      const begun = session.script(begin);
      begun.catch(() => {});
      try {
        const result = await work(session);
        await begun;
        await session.script('commit');
        return result;
      } catch (error) {
        // A connection that is gone has rolled back already.
        await session.script('rollback').catch(() => {});
        // What failed first says why.
        await begun;
        throw error;
      }
    }),
  );
}

/** `mayRepeat`: whether the work may run again; it always may unless something else rests on what it answered. */
export async function attempted<T>(access: Access, work: () => Promise<T>, mayRepeat: () => boolean = () => true): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      // In work that only reads, the server's refusal of a write is a fault of ours.
      if (access === 'read' && isReadOnly(error)) throw error;
      if (attempt >= ATTEMPTS || !isRetryable(error) || !mayRepeat()) throw translateDatabaseError(error);
      // Back-off with jitter: retried at once, the loser may take the lock that the winner waits for, and both deadlock again.
      await pause(10 * attempt);
    }
  }
}

const AS_SYSTEM = 'begin; set local role coucou_system';

/** Across accounts, as the system role. */
export const asSystem = <T>(pool: SessionPool, what: string, work: (session: Session) => Promise<T>): Promise<T> =>
  attempted('write', () => transaction(pool, what, AS_SYSTEM, work));

export type Statement = Readonly<{ text: string; params: readonly unknown[]; name: string }>;

/**
 * The same for one statement, and another that goes `before` it, in one round trip. `settings`: `set local …`, separated by semicolons.
 */
export function askAsSystem<R>(
  pool: SessionPool,
  { text, params, name }: Statement,
  settings: string,
  before?: Statement,
): Promise<Rows<R>> {
  refuseNested(name);
  return attempted('write', () =>
    pool.use(async (session) => {
      // After a failure, the commit rolls back.
      const [begun, first, answered, ended] = await Promise.allSettled([
        session.script(`${AS_SYSTEM}; ${settings}`),
        before && session.query(before.text, before.params, before.name),
        session.query<R>(text, params, name),
        session.script('commit'),
      ]);
      // What failed first says why.
      for (const each of [begun, first, answered, ended]) if (each.status === 'rejected') throw each.reason;
      return (answered as PromiseFulfilledResult<Rows<R>>).value;
    }),
  );
}
