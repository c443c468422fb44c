import type { BlockReader } from '@coucou/application/blocks/block-reader';
import type { AttachmentReader } from '@coucou/application/attachments/attachment-reader';
import type { ConversationReader } from '@coucou/application/conversations/conversation-reader';
import type { InviteReader } from '@coucou/application/conversations/invite-reader';
import type { FriendReader } from '@coucou/application/friends/friend-reader';
import type { MessageReader } from '@coucou/application/messages/message-reader';
import type { WordLists } from '@coucou/application/moderation/word-lists';
import type { NotificationReader } from '@coucou/application/notifications/notification-reader';
import type { MessageSearcher } from '@coucou/application/messages/message-searcher';
import type { AccountDirectory } from '@coucou/application/ports/accounts';
import type { DurableEvent } from '@coucou/application/ports/durable-event';
import type { LiveEvents } from '@coucou/application/ports/live-events';
import type { HeadReader } from '@coucou/application/ports/head-reader';
import type { Memberships } from '@coucou/application/ports/memberships';
import type { PostingSnapshots } from '@coucou/application/ports/posting-snapshots';
import type { ReceiptReader } from '@coucou/application/receipts/receipt-reader';
import type { ThreadReader } from '@coucou/application/threads/thread-reader';
import type { TypingContexts } from '@coucou/application/ports/typing';
import type { UnitOfWork } from '@coucou/application/ports/unit-of-work';
import type { SyncReader } from '@coucou/application/sync/sync-reader';
import type { PeopleReader } from '@coucou/application/users/people-reader';
import { DEFAULT_CLIENT_KEY } from '@coucou/domain/accounts/account';
import { asId } from '@coucou/domain/kernel/ids';
import { v7 as uuid } from 'uuid';
import { createAccountDirectory } from './accounts/account-directory.ts';
import { createAttachmentReader } from './attachments/attachment-repository.ts';
import { createConversationReader } from './conversations/conversation-reader.ts';
import { createInviteReader } from './conversations/invite-reader.ts';
import { createBlockReader, createFriendReader } from './friends/friend-reader.ts';
import { createHeadReader } from './sync/head-reader.ts';
import { createMemberships } from './conversations/memberships.ts';
import { type BatchingMessageLog, createMessageLog } from './messages/message-log.ts';
import { createMessageReader } from './messages/message-reader.ts';
import { createWordLists } from './moderation/moderation-repositories.ts';
import { createNotificationReader } from './notifications/notification-repository.ts';
import { createMessageSearcher } from './messages/message-searcher.ts';
import { migrateSession } from './schema/migrate.ts';
import { createOutboxStore, type OutboxStore } from './outbox/outbox-store.ts';
import { createPeopleReader } from './users/user-reader.ts';
import { createPgPool, RUNTIME_SESSION } from './kit/pg-pool.ts';
import { createPglitePool, type PgliteOptions } from './kit/pglite-pool.ts';
import { createPostingSnapshots } from './messages/posting-snapshots.ts';
import { type BatchingReceiptLog, createReceiptLog } from './receipts/receipt-log.ts';
import { createReceiptReader } from './receipts/receipt-reader.ts';
import { repositories } from './repositories.ts';
import type { SessionPool } from './kit/session.ts';
import { createSyncReader } from './sync/sync-reader.ts';
import { createThreadReader } from './threads/thread-repository.ts';
import { createTypingContexts } from './typing/typing-contexts.ts';
import { createUnitOfWork } from './kit/unit-of-work.ts';

/** The database's doors, for the composition root. */
export type Storage = Readonly<{
  uow: UnitOfWork;
  messageLog: BatchingMessageLog;
  receiptLog: BatchingReceiptLog;
  receiptReader: ReceiptReader;
  threadReader: ThreadReader;
  typingContexts: TypingContexts;
  postingSnapshots: PostingSnapshots;
  attachmentReader: AttachmentReader;
  conversationReader: ConversationReader;
  inviteReader: InviteReader;
  peopleReader: PeopleReader;
  friendReader: FriendReader;
  blockReader: BlockReader;
  messageReader: MessageReader;
  messageSearcher: MessageSearcher;
  notificationReader: NotificationReader;
  wordLists: WordLists;
  syncReader: SyncReader;
  accounts: AccountDirectory;
  memberships: Memberships;
  headReader: HeadReader;
  outbox: OutboxStore;
  epoch: string;
  /** Throws when the database does not answer. */
  ping(): Promise<void>;
  /** Resolves when no append is under way. */
  settled(): Promise<void>;
  close(): Promise<void>;
}>;

export type StorageOptions = Readonly<{
  /** PostgreSQL by URL, migrated already; or an embedded database, migrated here; `pool` is one that is open already. */
  database: Readonly<{ url: string }> | Readonly<{ embedded: PgliteOptions }> | Readonly<{ pool: SessionPool }>;
  live: LiveEvents;
  /** Events that somebody subscribes to. */
  durable: ReadonlySet<DurableEvent['type']>;
  /** Called after a commit that stored such an event. */
  onStored?: () => void;
  onIdleError?: (error: Error) => void;
  poolSize?: number;
}>;

type Pools = Readonly<{ main: SessionPool; log: SessionPool; waiting: SessionPool }>;

function connect(url: string, { onIdleError, poolSize = 8 }: StorageOptions): Pools {
  const options = { url, onConnect: RUNTIME_SESSION, ...(onIdleError === undefined ? {} : { onIdleError }) };
  return {
    main: createPgPool({ ...options, max: poolSize }),
    log: createPgPool({ ...options, max: LANES }),
    waiting: createPgPool({ ...options, max: 2 }),
  };
}

async function embed(pool: SessionPool): Promise<Pools> {
  try {
    await pool.use(async (session) => {
      await migrateSession(session);
      await session.script(RUNTIME_SESSION);
    });
  } catch (error) {
    await pool.end();
    throw error;
  }
  return { main: pool, log: pool, waiting: pool };
}

/** Batches under way at once. */
const LANES = 2;

export async function openStorage(options: StorageOptions): Promise<Storage> {
  const { database, live, durable, onStored = () => {} } = options;
  const pools =
    'url' in database
      ? connect(database.url, options)
      : await embed('pool' in database ? database.pool : await createPglitePool(database.embedded));
  const { main } = pools;
  const distinct = [...new Set([pools.main, pools.log, pools.waiting])];
  const close = async () => void (await Promise.all(distinct.map((pool) => pool.end())));
  try {
    const uow = createUnitOfWork({
      pool: main,
      live,
      durable,
      onStored,
      repositories,
    });
    const epoch = await uow.system('accounts', async (tx) => {
      await tx.addAccount({ id: asId(uuid()), name: 'Default', clientKey: DEFAULT_CLIENT_KEY, createdAt: new Date() });
      return tx.epoch();
    });
    const messageLog = createMessageLog({
      pool: pools.log,
      waitingPool: pools.waiting,
      readPool: main,
      lanes: LANES,
      announce: durable.has('message.posted'),
      onStored,
    });
    const receiptLog = createReceiptLog({ pool: main, live });
    return {
      uow,
      messageLog,
      receiptLog,
      receiptReader: createReceiptReader(main),
      threadReader: createThreadReader(main),
      typingContexts: createTypingContexts(main),
      postingSnapshots: createPostingSnapshots(main),
      attachmentReader: createAttachmentReader(main),
      conversationReader: createConversationReader(main),
      inviteReader: createInviteReader(main),
      peopleReader: createPeopleReader(main),
      friendReader: createFriendReader(main),
      blockReader: createBlockReader(main),
      messageReader: createMessageReader(main),
      messageSearcher: createMessageSearcher(main),
      notificationReader: createNotificationReader(main),
      wordLists: createWordLists(uow),
      syncReader: createSyncReader(main, epoch),
      accounts: createAccountDirectory(uow),
      memberships: createMemberships(main),
      headReader: createHeadReader(main),
      outbox: createOutboxStore(main),
      epoch,
      ping: () => main.use(async (session) => void (await session.query('select 1'))),
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
