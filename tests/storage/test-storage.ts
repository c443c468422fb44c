import { noMetrics } from '@coucou/application/metrics/no-metrics';
import { noTracer } from '@coucou/application/ports/tracer';
import { corePersonalData } from '@coucou/postgres/schema/personal/core';
import type { DomainEvent } from '@coucou/application/kernel/event';
import { createEventRegistry } from '@coucou/application/kernel/event-registry';
import type { AccountId } from '@coucou/domain/kernel/ids';
import { createConversationReader } from '@coucou/postgres/conversations/conversation-reader';
import { createMessageLog, type MessageLogOptions } from '@coucou/postgres/messages/message-log';
import { createMessageReader } from '@coucou/postgres/messages/message-reader';
import type { Session, SessionPool } from '@coucou/postgres/kit/session';
import { createSyncReader } from '@coucou/postgres/sync/sync-reader';
import { createSystemRepository } from '@coucou/postgres/accounts/system-repository';
import { createTransactions } from '@coucou/postgres/transactions/transactions';
import { features } from '@coucou/server/composition/features';
import { inTransaction } from '../support/in-transaction.ts';
import { everyRepository } from '../support/repositories.ts';
import type { EnginePools } from './engines.ts';

/** Counts what travels to the database. */
export function counted(pool: SessionPool): SessionPool & { count: { lent: number; queries: number } } {
  const count = { lent: 0, queries: 0 };
  const counting = (session: Session): Session => ({
    db: session.db,
    query(...args) {
      count.queries += 1;
      return session.query(...args);
    },
    inAccount(...args) {
      count.queries += 1;
      return session.inAccount(...args);
    },
    script: (text) => session.script(text),
  });
  return {
    count,
    use(work) {
      count.lent += 1;
      return pool.use((session) => work(counting(session)));
    },
    end: () => pool.end(),
  };
}

const { stored } = createEventRegistry(
  features.flatMap(({ events = [] }) => events),
  new Set(['conversation.created', 'member.joined', 'privacy.erasureDue']),
);

export const EPOCH = 'the first life of this database';

export type Role = 'coucou_app' | 'coucou_system' | 'coucou_append';

/** The adapters of one node, with every knob within reach. */
export function storageOn(engine: EnginePools) {
  const published: DomainEvent[] = [];
  const reading = counted(engine.main);
  const transactions = createTransactions({
    pool: engine.main,
    live: { publish: (_account, events) => void published.push(...events) },
    stored,
    repositories: features.flatMap(({ storage }) => storage?.repositories ?? []),
    personalData: corePersonalData,
    tracer: noTracer,
    system: createSystemRepository,
  });
  const uow = everyRepository(transactions);
  const createLog = (options: Partial<MessageLogOptions> = {}) =>
    createMessageLog({
      metrics: noMetrics,
      tracer: noTracer,
      pool: engine.log,
      contendedPool: engine.contended,
      readPool: engine.main,
      lanes: 2,
      announce: false,
      ...options,
    });
  /** One statement in a role of the product, seeing one account where the role does. */
  const ask = <R>(role: Role, account: AccountId, text: string, params: readonly unknown[] = []): Promise<R[]> =>
    engine.owner.use((session) =>
      inTransaction(
        session,
        `set local role ${role}; set local app.account_id = '${account}'`,
        async () => (await session.query<R>(text, params)).rows,
      ),
    );
  return {
    ...engine,
    transactions,
    uow,
    logPool: engine.log,
    log: createLog(),
    createLog,
    ask,
    published,
    reads: reading.count,
    conversationReader: createConversationReader(reading),
    messageReader: createMessageReader(reading),
    syncReader: createSyncReader(reading, EPOCH),
  };
}

export type TestStorage = ReturnType<typeof storageOn>;
