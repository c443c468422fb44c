import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { type DurableEvent, durableFact } from '@coucou/application/ports/durable-event';
import type { LiveEvents } from '@coucou/application/ports/live-events';
import type { Repositories, UnitOfWork } from '@coucou/application/ports/unit-of-work';
import type { DomainEvent } from '@coucou/domain/domain-event';
import type { AccountId } from '@coucou/domain/kernel/ids';
import { v7 as uuid } from 'uuid';
import { isRetryable, translateDatabaseError } from './errors.ts';
import { type Access, type Session, type SessionPool, setAccount } from './session.ts';
import { createSystemRepository } from '../accounts/system-repository.ts';

/** Says who is inside a transaction, so that a second one beneath it is refused: the two could wait for each other for ever. */
const inside = new AsyncLocalStorage<string>();

export function refuseNested(what: string): void {
  const outer = inside.getStore();
  if (outer !== undefined) throw new Error(`${what} inside ${outer}: a unit of work must not open another`);
}

/** Deadlocks and lost races are run again this often. */
const ATTEMPTS = 4;

/** Runs work between BEGIN and COMMIT; the account is set in the same round trip as BEGIN. */
async function transaction<T>(pool: SessionPool, what: string, begin: string, work: (session: Session) => Promise<T>): Promise<T> {
  refuseNested(what);
  return inside.run(what, () =>
    pool.use(async (session) => {
      try {
        await session.script(begin);
        const result = await work(session);
        await session.script('commit');
        return result;
      } catch (error) {
        // A connection that is gone has rolled back already.
        await session.script('rollback').catch(() => {});
        throw error;
      }
    }),
  );
}

async function attempted<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (attempt >= ATTEMPTS || !isRetryable(error)) throw translateDatabaseError(error);
      // Run again at once, the loser may take the lock that the winner is about to wake up for, and both meet again.
      await pause(10 * attempt);
    }
  }
}

/** One account, read only: for readers, whose statements all see one moment. */
export const readAccount = <T>(pool: SessionPool, account: AccountId, work: (session: Session) => Promise<T>): Promise<T> =>
  attempted(() => transaction(pool, 'a read', `begin isolation level repeatable read read only; ${setAccount(account)}`, work));

/** One account, one statement: a screen costs one round trip. */
export const readOnce = <R>(pool: SessionPool, account: AccountId, text: string, params: readonly unknown[], name: string): Promise<R[]> =>
  once(pool, account, 'read', text, params, name);

/** The same for a statement that writes; what it emits is its caller's to tell. */
export const writeOnce = <R>(pool: SessionPool, account: AccountId, text: string, params: readonly unknown[], name: string): Promise<R[]> =>
  once(pool, account, 'write', text, params, name);

async function once<R>(
  pool: SessionPool,
  account: AccountId,
  access: Access,
  text: string,
  params: readonly unknown[],
  name: string,
): Promise<R[]> {
  refuseNested(name);
  return attempted(() => pool.use(async (session) => (await session.inAccount<R>(account, access, text, params, name)).rows));
}

/** Across accounts, as the system role. */
export const asSystem = <T>(pool: SessionPool, what: string, work: (session: Session) => Promise<T>): Promise<T> =>
  attempted(() => transaction(pool, what, 'begin; set local role coucou_system', work));

export type UnitOfWorkOptions = Readonly<{
  pool: SessionPool;
  live: LiveEvents;
  /** Events that somebody subscribes to are stored with the transaction. */
  durable: ReadonlySet<DurableEvent['type']>;
  onStored: () => void;
  repositories: { readonly [Key in keyof Repositories]: (session: Session['db']) => Repositories[Key] };
}>;

export function createUnitOfWork({ pool, live, durable, onStored, repositories }: UnitOfWorkOptions): UnitOfWork {
  const factories = Object.entries(repositories) as [keyof Repositories, (db: Session['db']) => never][];
  const known = new WeakMap<Session, Repositories>();
  const repositoriesOf = (session: Session): Repositories => {
    const made = known.get(session);
    if (made !== undefined) return made;
    const fresh = Object.fromEntries(factories.map(([name, make]) => [name, make(session.db)])) as unknown as Repositories;
    known.set(session, fresh);
    return fresh;
  };

  return {
    read: (account, work) =>
      attempted(() => transaction(pool, 'a unit of work', `begin read only; ${setAccount(account)}`, (s) => work(repositoriesOf(s)))),

    async write(account, work) {
      const { result, emitted } = await attempted(() =>
        transaction(pool, 'a unit of work', `begin; ${setAccount(account)}`, async (session) => {
          const events: DomainEvent[] = [];
          const answer = await work({ ...repositoriesOf(session), emit: (...more) => void events.push(...more) });
          await storeOutbox(session, account, events, durable);
          return { result: answer, emitted: await numberFeeds(session, account, events) };
        }),
      );
      if (emitted.length > 0) {
        live.publish(account, emitted);
        if (emitted.some((event) => durable.has(event.type as DurableEvent['type']))) onStored();
      }
      return result;
    },

    system: (reason, work) => asSystem(pool, reason, (session) => work(createSystemRepository(session.db))),
  };
}

async function storeOutbox(
  session: Session,
  account: AccountId,
  events: readonly DomainEvent[],
  durable: ReadonlySet<DurableEvent['type']>,
): Promise<void> {
  const rows = events.flatMap((event) => {
    const fact = durableFact(event);
    if (fact === undefined || !durable.has(fact.type)) return [];
    const { type, ...payload } = fact;
    return [{ account_id: account, id: uuid(), type, payload: JSON.stringify(payload), last_error: null, dead_at: null }];
  });
  if (rows.length > 0) await session.db.insertInto('outbox').values(rows).execute();
}

/**
 * Gives the entries of people's feeds their numbers. Last in the transaction: people are locked after everything else, in the order
 * of their ids.
 */
async function numberFeeds(session: Session, account: AccountId, events: readonly DomainEvent[]): Promise<readonly DomainEvent[]> {
  const feeds = new Map<string, number>();
  for (const event of events) if (event.type === 'user.event') feeds.set(event.userId, (feeds.get(event.userId) ?? 0) + 1);
  if (feeds.size === 0) return events;
  const next = new Map<string, number>();
  for (const [userId, entries] of [...feeds].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const { user_version: last } = await session.db
      .updateTable('app_user')
      .set((eb) => ({ user_version: eb('user_version', '+', entries) }))
      .where('id', '=', userId)
      .returning('user_version')
      .executeTakeFirstOrThrow();
    next.set(userId, last - entries);
  }
  const numbered = events.map((event) => {
    if (event.type !== 'user.event') return event;
    const userVersion = (next.get(event.userId) ?? 0) + 1;
    next.set(event.userId, userVersion);
    return { ...event, userVersion };
  });
  const rows = numbered.flatMap((event) =>
    event.type === 'user.event'
      ? [
          {
            account_id: account,
            user_id: event.userId,
            version: event.userVersion ?? 0,
            kind: event.kind,
            payload: JSON.stringify(event.payload),
          },
        ]
      : [],
  );
  await session.db.insertInto('user_event').values(rows).execute();
  return numbered;
}
