import type { AuditChain } from '@coucou/application/ports/audit-chain';
import { receiptPublisher } from '@coucou/application/receipts/receipt-audience';
import type { EventRegistry } from '@coucou/application/kernel/event-registry';
import type { AccountDirectory } from '@coucou/application/ports/accounts';
import { noMetrics } from '@coucou/application/metrics/no-metrics';
import type { KeyedCalls } from '@coucou/application/ports/keyed-calls';
import type { DataChecks } from '@coucou/application/ports/data-checks';
import type { DataExport } from '@coucou/application/ports/data-export';
import type { DeadLetters } from '@coucou/application/ports/dead-letters';
import type { HealthFigures } from '@coucou/application/ports/health-figures';
import type { JobSchedules } from '@coucou/application/ports/job-schedules';
import type { LiveEvents } from '@coucou/application/ports/live-events';
import type { Metrics } from '@coucou/application/ports/metrics';
import { noTracer, type Tracer } from '@coucou/application/ports/tracer';
import type { Transactions } from '@coucou/application/ports/unit-of-work';
import { messagePosted } from '@coucou/application/messages/message-events';
import { DEFAULT_CLIENT_KEY } from '@coucou/domain/accounts/account';
import { asId } from '@coucou/domain/kernel/ids';
import { v7 as uuid } from 'uuid';
import { type ActivityStore, createActivityStore } from './activity/activity-store.ts';
import { createSystemRepository } from './accounts/system-repository.ts';
import { createAccountDirectory } from './accounts/account-directory.ts';
import { createAuditChain } from './audit/audit-chain.ts';
import { createDataExport } from './backup/data-export.ts';
import { comparePlace, probeWriting } from './deployment.ts';
import { createPgPool, type PgPoolOptions, RUNTIME_SESSION } from './kit/pg-pool.ts';
import type { PgliteOptions } from './kit/pglite-pool.ts';
import type { SessionPool } from './kit/session.ts';
import { type ReaderPart, type ReaderSource, schemaSetsOf, type StorageParts } from './kit/storage-parts.ts';
import { type Caller, onBehalfOf, Turns } from './kit/turns.ts';
import { createKeyedCalls } from './idempotency/keyed-calls.ts';
import { createTransactions } from './transactions/transactions.ts';
import { type BatchingMessageLog, createMessageLog } from './messages/message-log.ts';
import { createDeadLetters } from './outbox/dead-letters.ts';
import { createOutboxStore, type OutboxStore } from './outbox/outbox-store.ts';
import { type BatchingReceiptLog, createReceiptLog } from './receipts/receipt-log.ts';
import { openStandby } from './standby/open.ts';
import type { Standby } from './standby/standby.ts';
import { createHealthFigures } from './health-figures.ts';
import { createJobSchedules } from './schedules/job-schedules.ts';
import { createScheduleStore, type ScheduleStore } from './schedules/schedule-store.ts';
import { coreSchema } from './schema/core-schema.ts';
import { measureStorage } from './storage-metrics.ts';
import { migrateSession } from './schema/migrate.ts';
import type { PersonalData } from './schema/personal-data.ts';
import { createDataChecks } from './verify/data-checks.ts';

/** The storage ports, for the composition root. */
export type Storage = Readonly<{
  transactions: Transactions;
  keyedCalls: KeyedCalls;
  messageLog: BatchingMessageLog;
  receiptLog: BatchingReceiptLog;
  accounts: AccountDirectory;
  /** The features' readers, made when they are asked for. */
  readers: readonly Readonly<{ token: ReaderPart['token']; make: () => unknown }>[];
  outbox: OutboxStore;
  deadLetters: DeadLetters;
  auditChain: AuditChain;
  /** On the embedded database; on PostgreSQL it takes another login. */
  dataChecks: DataChecks;
  dataExport: DataExport;
  activity: ActivityStore;
  /** For the scheduler of this node. */
  schedules: ScheduleStore;
  jobSchedules: JobSchedules;
  figures: HealthFigures;
  /** Absent where all is read from the primary. */
  standby: Pick<Standby, 'resting'> | undefined;
  /** How long calls and appends waited at most for the database since this was last asked, in milliseconds. */
  takeLongestWaitMs(): number;
  epoch: string;
  /** What differs from where the database lived before, such as `timeline 1, now 2`: it may have been restored from a back-up. */
  moved: readonly string[];
  /** Attributes what `work` asks of the database to a caller: under load the callers take turns. */
  onBehalfOf<T>(caller: Caller, work: () => Promise<T>): Promise<T>;
  /** Throws when the database does not answer, or is read-only. */
  probe(): Promise<void>;
  /** Resolves when no append is under way. */
  settled(): Promise<void>;
  close(): Promise<void>;
}>;

export type StorageOptions = Readonly<{
  /** PostgreSQL by URL, migrated already, with a standby to read from; or an embedded database, migrated here; `pool` is one that is open already. */
  database:
    | Readonly<{ url: string; readUrl?: string | undefined }>
    | Readonly<{ embedded: PgliteOptions }>
    | Readonly<{ pool: SessionPool }>;
  live: LiveEvents;
  events: Pick<EventRegistry, 'stored' | 'isDurable'>;
  /** What the features keep. */
  parts: readonly StorageParts[];
  onIdleError?: (error: Error) => void;
  /** For PostgreSQL: asked before every use of a connection. */
  guard?: PgPoolOptions['guard'];
  /** Those to PostgreSQL. */
  connections?: PgPoolOptions['connections'];
  poolSize?: number;
  /** Absent where nobody reads them. */
  metrics?: Metrics;
  /** Absent: nothing is traced. */
  tracer?: Tracer;
}>;

type Pools = Readonly<{ main: SessionPool; append: SessionPool; contended: SessionPool; turns?: Turns }>;

const POOL_SIZE = 8;

/** Options that all pools to the primary share. */
const primaryOptions = ({ guard, connections, tracer }: StorageOptions): Pick<PgPoolOptions, 'guard' | 'connections' | 'tracer'> => ({
  tracer,
  ...(guard && { guard }),
  ...(connections && { connections }),
});

function connect(url: string, options: StorageOptions): Pools {
  const { onIdleError, poolSize = POOL_SIZE } = options;
  const shared = {
    url,
    onConnect: RUNTIME_SESSION,
    ...(onIdleError && { onIdleError }),
    ...primaryOptions(options),
  };
  const turns = new Turns({ places: poolSize });
  return {
    turns,
    main: createPgPool({ ...shared, max: poolSize, turns }),
    append: createPgPool({ ...shared, max: LANES }),
    contended: createPgPool({ ...shared, max: 2 }),
  };
}

/** Its code is loaded where it is used: on PostgreSQL nothing needs it. */
async function openEmbedded(options: PgliteOptions, tracer: Tracer | undefined): Promise<SessionPool> {
  const { createPglitePool } = await import('./kit/pglite-pool.ts');
  return createPglitePool({ ...options, onReopen: RUNTIME_SESSION, tracer });
}

async function embed(pool: SessionPool, parts: readonly StorageParts[]): Promise<Pools> {
  try {
    await pool.use(async (session) => {
      await migrateSession(session, { schemaSets: schemaSetsOf(parts), alone: true });
      await session.script(RUNTIME_SESSION);
    });
  } catch (error) {
    await pool.end();
    throw error;
  }
  return { main: pool, append: pool, contended: pool };
}

/** The standby that the options name. */
function readFrom(options: StorageOptions, primary: SessionPool) {
  const { database, poolSize = POOL_SIZE, metrics = noMetrics } = options;
  if (!('url' in database) || database.readUrl === undefined) return undefined;
  const { url, readUrl } = database;
  return openStandby({ url, readUrl, primary, poolSize, metrics, primaryOptions: primaryOptions(options) });
}

const personalDataOf = (parts: readonly StorageParts[]): PersonalData =>
  Object.assign({}, ...[coreSchema, ...schemaSetsOf(parts)].map(({ personalData }) => personalData)) as PersonalData;

/** Batches under way at once. */
const LANES = 2;

export async function openStorage(options: StorageOptions): Promise<Storage> {
  const { database, live, events, parts, metrics = noMetrics, tracer = noTracer } = options;
  const pools =
    'url' in database
      ? connect(database.url, options)
      : await embed('pool' in database ? database.pool : await openEmbedded(database.embedded, options.tracer), parts);
  const { main } = pools;
  const distinct = [...new Set([pools.main, pools.append, pools.contended])];
  const standby = readFrom(options, main);
  const turns = [pools.turns, standby?.turns].filter((each) => each !== undefined);
  const close = async () => {
    await standby?.close();
    await Promise.all(distinct.map((pool) => pool.end()));
  };
  try {
    const personalData = personalDataOf(parts);
    const transactions = createTransactions({
      pool: main,
      live,
      stored: events.stored,
      repositories: parts.flatMap(({ repositories = [] }) => repositories),
      personalData,
      tracer,
      system: createSystemRepository,
    });
    const epoch = await transactions.system('accounts', async (tx) => {
      await tx.addAccount({ id: asId(uuid()), name: 'Default', clientKey: DEFAULT_CLIENT_KEY, createdAt: new Date() });
      return tx.epoch();
    });
    const messageLog = createMessageLog({
      pool: pools.append,
      contendedPool: pools.contended,
      readPool: main,
      lanes: LANES,
      announce: events.isDurable(messagePosted.type),
      metrics,
      tracer,
    });
    const receiptLog = createReceiptLog({ pool: main, observer: receiptPublisher(live) });
    const outbox = createOutboxStore(main);
    const auditChain = createAuditChain(main);
    const named = pools.append === main ? { main } : { main, append: pools.append, contended: pools.contended };
    measureStorage(metrics, { ...named, ...standby?.pools }, { outbox, auditChain });
    const reads = standby?.reads ?? { synced: main, all: main };
    const source: ReaderSource = { pool: main, reads, transactions, epoch, personalData };
    return {
      transactions,
      keyedCalls: createKeyedCalls(main),
      messageLog,
      receiptLog,
      accounts: createAccountDirectory(transactions),
      readers: parts.flatMap(({ readers = [] }) => readers).map(({ token, make }) => ({ token, make: () => make(source) })),
      outbox,
      deadLetters: createDeadLetters(main),
      auditChain,
      dataExport: createDataExport(main, schemaSetsOf(parts)),
      dataChecks: createDataChecks(main, schemaSetsOf(parts), 'turns'),
      activity: createActivityStore(main),
      schedules: createScheduleStore(main),
      jobSchedules: createJobSchedules(main),
      figures: createHealthFigures(main, outbox),
      standby,
      takeLongestWaitMs: () => Math.max(messageLog.takeLongestWaitMs(), ...turns.map((each) => each.takeLongestWaitMs())),
      epoch,
      moved: await comparePlace(main),
      onBehalfOf,
      probe: () => probeWriting(main),
      async settled() {
        await messageLog.settled();
        await receiptLog.settled();
      },
      async close() {
        await messageLog.settled();
        await receiptLog.settled();
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}
