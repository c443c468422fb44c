import type { DomainEvent } from '@coucou/application/kernel/event';
import type { EventRegistry } from '@coucou/application/kernel/event-registry';
import type { Token } from '@coucou/application/kernel/token';
import type { LiveEvents } from '@coucou/application/ports/live-events';
import type { Tracer } from '@coucou/application/ports/tracer';
import type { SystemRepository } from '@coucou/application/ports/system-repository';
import type { Transaction, Transactions } from '@coucou/application/ports/unit-of-work';
import { type FeedEntryAdded, feedEntryAdded } from '@coucou/application/users/user-events';
import type { AccountId } from '@coucou/domain/kernel/ids';
import { type Insertable, sql } from 'kysely';
import { v7 as uuid } from 'uuid';
import { type Session, type SessionPool, setAccount } from '../kit/session.ts';
import type { RepositoryPart } from '../kit/storage-parts.ts';
import type { OutboxTable } from '../outbox/tables.ts';
import type { PersonalData } from '../schema/personal-data.ts';
import { deferringWrite, refuseInDeferred, sessionToRead } from './deferred-write.ts';
import { deferWrite } from './defer-write.ts';
import { fence, requireSynced } from './fence.ts';
import { attempted, refuseNested, transaction } from './transaction.ts';

export type TransactionsOptions = Readonly<{
  pool: SessionPool;
  live: LiveEvents;
  /** What the outbox keeps of an event; undefined where nobody subscribes. */
  stored: EventRegistry['stored'];
  repositories: readonly RepositoryPart[];
  personalData: PersonalData;
  tracer: Tracer;
  system: (db: Session['db']) => SystemRepository;
}>;

export function createTransactions({ pool, live, stored, repositories, personalData, tracer, system }: TransactionsOptions): Transactions {
  const factories = new Map(repositories.map(({ token, make }) => [token, make]));
  const known = new WeakMap<Session, Map<Token<unknown>, unknown>>();

  /** Repositories hold only their session, so each is created once per transaction. */
  const repositoryOf = (session: Session, token: Token<unknown>): unknown => {
    let made = known.get(session);
    if (made === undefined) known.set(session, (made = new Map()));
    const found = made.get(token);
    if (found !== undefined) return found;
    const make = factories.get(token);
    if (make === undefined) throw new Error(`no feature provides the repository ${(token as symbol).description}`);
    const fresh = make(session.db as never, personalData);
    made.set(token, fresh);
    return fresh;
  };
  const transactionOn = (session: Session): Transaction => ({
    repository: <R>(token: Token<R>) => repositoryOf(session, token) as R,
  });

  return {
    async read(account, work) {
      refuseNested('a unit of work');
      const open = sessionToRead(account);
      if (open !== undefined) return work(transactionOn(open));
      return attempted('read', () =>
        transaction(pool, 'a unit of work', `begin read only; ${setAccount(account)}`, (s) => work(transactionOn(s))),
      );
    },

    async write(account, work) {
      refuseNested('a unit of work');
      const performed = async (session: Session) => {
        const events: DomainEvent[] = [];
        const answer = await work({ ...transactionOn(session), emit: (...more) => void events.push(...more) });
        if (events.length > 0) requireSynced('an event');
        await storeOutbox(session, account, events, stored, tracer.carried());
        return { result: answer, emitted: await numberFeeds(session, account, events) };
      };
      const publish = (emitted: readonly DomainEvent[]) => {
        if (emitted.length > 0) live.publish(account, emitted);
      };
      const deferred = deferringWrite(account);
      if (deferred !== undefined) return deferWrite(pool, deferred, performed, publish);
      const { result, emitted } = await attempted('write', () =>
        transaction(pool, 'a unit of work', `begin${fence()}; ${setAccount(account)}`, performed),
      );
      publish(emitted);
      return result;
    },

    async system(reason, work) {
      refuseInDeferred(`work of the system (${reason})`);
      const begin = `begin${fence()}; set local role coucou_system`;
      return attempted('write', () => transaction(pool, reason, begin, (session) => work(system(session.db))));
    },
  };
}

async function storeOutbox(
  session: Session,
  account: AccountId,
  events: readonly DomainEvent[],
  stored: EventRegistry['stored'],
  traceparent: string | undefined,
): Promise<void> {
  const rows = events.flatMap((event) => {
    const kept = stored(event);
    if (kept === undefined) return [];
    const { type, fact, dueAt, dedupKey } = kept;
    return [
      {
        account_id: account,
        id: uuid(),
        type,
        // What waits for its time, perhaps for months, begins a trace of its own.
        payload: JSON.stringify(traceparent === undefined || dueAt !== undefined ? fact : { ...fact, traceparent }),
        last_error: null,
        dead_at: null,
        running_since: null,
        // One that waits for its time is found by that, not by its transaction.
        ...(dedupKey === undefined ? {} : { dedup_key: dedupKey, stored_by: null }),
        ...(dueAt === undefined ? {} : { due_at: dueAt, stored_by: null }),
      },
    ];
  });
  const [keyed, others] = [rows.filter((row) => 'dedup_key' in row), rows.filter((row) => !('dedup_key' in row))];
  // Rows with a due time of their own leave that column to its default in no statement of the others.
  for (const some of [others.filter((row) => 'due_at' in row), others.filter((row) => !('due_at' in row))])
    if (some.length > 0) await session.db.insertInto('outbox').values(some).execute();
  for (const row of keyed) await storeOnce(session, row);
}

/**
 * The one that waits is locked, even if its time stays: nobody begins with it before this transaction has committed, so its subscriber sees
 * what this one wrote. If somebody has begun with it, it waits no longer, and this event is stored beside it. Locked rows are passed over by
 * claims and looked at again by their time: those with a key are found by no window of transactions.
 */
const storeOnce = (session: Session, row: Insertable<OutboxTable>): Promise<unknown> =>
  session.db
    .insertInto('outbox')
    .values(row)
    .onConflict((oc) =>
      oc
        .columns(['account_id', 'type', 'dedup_key'])
        .where('dedup_key', 'is not', null)
        .doUpdateSet({ due_at: sql<Date>`least(outbox.due_at, excluded.due_at)` }),
    )
    .execute();

const isFeedEntry = (event: DomainEvent): event is FeedEntryAdded => event.type === feedEntryAdded.type;

/**
 * Numbers the feed entries. Last in the transaction: users are locked after everything else, in the order
 * of their ids.
 */
async function numberFeeds(session: Session, account: AccountId, events: readonly DomainEvent[]): Promise<readonly DomainEvent[]> {
  const feeds = new Map<string, number>();
  for (const event of events) if (isFeedEntry(event)) feeds.set(event.userId, (feeds.get(event.userId) ?? 0) + 1);
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
    if (!isFeedEntry(event)) return event;
    const userVersion = (next.get(event.userId) ?? 0) + 1;
    next.set(event.userId, userVersion);
    return { ...event, userVersion };
  });
  const rows = numbered.flatMap((event) =>
    isFeedEntry(event)
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
