import type { Mark, Marked, MovedMark, ReceiptLog, ReceiptObserver } from '@coucou/application/ports/receipt-log';
import { errors } from '@coucou/domain/kernel/errors';
import { type AccountId, asId, type ConversationId, type UserId } from '@coucou/domain/kernel/ids';
import type { SessionPool } from '../kit/session.ts';
import { asServer } from '../kit/turns.ts';
import { writeOnce } from '../kit/unit-of-work.ts';
import { afterwards, refuseInDeferred } from '../transactions/deferred-write.ts';
import { refuseNested } from '../transactions/transaction.ts';
import { readTotals, readUnreadBy } from './unread-totals.ts';

export type ReceiptLogOptions = Readonly<{
  pool: SessionPool;
  observer: ReceiptObserver;
  /** How long the first mark of a batch waits for others. */
  gatherMs?: number;
  /** Number of distinct marks that triggers a write without further waiting. */
  batchSize?: number;
  /** Distinct marks that may wait. */
  queueLimit?: number;
}>;

export type BatchingReceiptLog = ReceiptLog &
  Readonly<{
    /** Writes what waits, and resolves when it is written and the observer has been called. */
    settled(): Promise<void>;
  }>;

type Row = Readonly<{
  conversation_id: string;
  user_id: string;
  delivered_seq: number;
  read_seq: number;
  moved: boolean;
  recounted: boolean;
  receipts_version: number;
  member_count: number;
  unread: number;
  shown: boolean;
  /** Present members with a block between them and this one. */
  across: readonly string[];
}>;

/** As the function takes it. */
type Gathered = { conversation_id: string; user_id: string; delivered_seq: number; read_seq: number | undefined };
type Waiting = Readonly<{ keys: readonly string[]; resolve: (marked: readonly Marked[]) => void; reject: (error: unknown) => void }>;
type Batch = Readonly<{ marks: Map<string, Gathered>; waiting: Waiting[] }>;

const MARK = 'select * from mark_receipts($1::json)';

/** Places whose totals are added up in one statement: the more people, the more share a conversation. */
const TOTALS_AT_ONCE = 200;

const keyOf = (conversation: string, user: string): string => `${conversation}:${user}`;

const highest = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined ? b : b === undefined ? a : Math.max(a, b);

/**
 * Gathers marks for a moment, and while a batch is being written, so that a busy group costs one statement and one event where each mark
 * would cost its own. A batch holds one account's.
 */
export function createReceiptLog({
  pool,
  observer,
  gatherMs = 100,
  batchSize = 1_000,
  queueLimit = 50_000,
}: ReceiptLogOptions): BatchingReceiptLog {
  let gathering = new Map<AccountId, Batch>();
  let waitingMarks = 0;
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> | undefined;
  let summing: Promise<void> | undefined;
  /** Whose totals changed, and where: once for each conversation, however often it changed meanwhile. */
  const stale = new Map<AccountId, Map<string, readonly [UserId, ConversationId]>>();

  const isBusy = () => gathering.size > 0 || writing !== undefined || summing !== undefined;

  function write(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    writing ??= asServer('receipts', writeAll).finally(() => {
      writing = undefined;
    });
    return writing;
  }

  async function writeAll(): Promise<void> {
    while (gathering.size > 0) {
      const batches = gathering;
      gathering = new Map();
      waitingMarks = 0;
      for (const [account, batch] of batches) await writeBatch(account, batch);
    }
  }

  async function writeBatch(account: AccountId, { marks, waiting }: Batch): Promise<void> {
    try {
      const rows = await writeOnce<Row>(pool, account, MARK, [JSON.stringify([...marks.values()])], 'mark-receipts');
      const byKey = new Map(rows.map((row) => [keyOf(row.conversation_id, row.user_id), row]));
      report(account, rows);
      for (const { keys, resolve } of waiting) resolve(keys.flatMap((key) => markedOf(byKey.get(key))));
    } catch (error) {
      for (const { reject } of waiting) reject(error);
    }
  }

  function report(account: AccountId, rows: readonly Row[]): void {
    const moved = rows.filter((row) => row.moved);
    if (moved.length > 0) observer.moved(account, moved.map(toMovedMark));
    outdate(
      account,
      rows.filter((row) => row.recounted).map((row) => [asId(row.user_id), asId(row.conversation_id)]),
    );
  }

  function outdate(account: AccountId, changed: readonly (readonly [UserId, ConversationId])[]): void {
    if (changed.length === 0) return;
    const places = stale.get(account) ?? new Map<string, readonly [UserId, ConversationId]>();
    for (const place of changed) places.set(keyOf(place[1], place[0]), place);
    stale.set(account, places);
    summing ??= sumUp().finally(() => {
      summing = undefined;
    });
  }

  /** After the answers, since nothing waits for the totals. Repeated marks of one user are coalesced. */
  async function sumUp(): Promise<void> {
    for (let next = stale.entries().next(); !next.done; next = stale.entries().next()) {
      const [account, places] = next.value;
      const chosen = [...places].slice(0, TOTALS_AT_ONCE);
      for (const [key] of chosen) places.delete(key);
      if (places.size === 0) stale.delete(account);
      const changed = chosen.map(([, place]) => place);
      try {
        observer.recounted(account, await readTotals(pool, account, changed));
      } catch {
        // Best effort: the next mark or sync answers the totals.
      }
    }
  }

  function gather(account: AccountId, user: UserId, marks: readonly Mark[]): readonly [Batch, readonly string[]] {
    const batch: Batch = gathering.get(account) ?? { marks: new Map(), waiting: [] };
    gathering.set(account, batch);
    const keys = marks.map(({ conversationId, deliveredSeq, readSeq }) => {
      const key = keyOf(conversationId, user);
      const known = batch.marks.get(key);
      if (known === undefined) waitingMarks += 1;
      batch.marks.set(key, {
        conversation_id: conversationId,
        user_id: user,
        delivered_seq: Math.max(known?.delivered_seq ?? 0, deliveredSeq ?? 0),
        read_seq: highest(known?.read_seq, readSeq),
      });
      return key;
    });
    return [batch, [...new Set(keys)]];
  }

  return {
    mark(account, user, marks) {
      refuseNested('a receipt');
      refuseInDeferred('a receipt');
      return new Promise((resolve, reject) => {
        if (waitingMarks + marks.length > queueLimit) {
          reject(errors.OVERLOADED());
          return;
        }
        const [batch, keys] = gather(account, user, marks);
        batch.waiting.push({ keys, resolve, reject });
        // While a batch is written, that is the wait.
        if (writing !== undefined) return;
        if (waitingMarks >= batchSize) void write();
        else timer ??= setTimeout(() => void write(), gatherMs);
      });
    },

    async recountMentions(account, change) {
      refuseNested('a receipt');
      const people = await readUnreadBy(pool, account, change);
      outdate(
        account,
        people.map((userId) => [userId, change.conversationId]),
      );
    },

    recountMember: (account, user, conversation) => afterwards(() => outdate(account, [[user, conversation]])),

    async settled() {
      while (isBusy()) {
        if (gathering.size > 0) await write();
        await writing;
        await summing;
      }
    },
  };
}

const markedOf = (row: Row | undefined): Marked[] =>
  row === undefined
    ? []
    : [
        {
          conversationId: asId(row.conversation_id),
          deliveredSeq: row.delivered_seq,
          readSeq: row.read_seq,
          receiptsVersion: row.receipts_version,
          unread: row.unread,
        },
      ];

const toMovedMark = (row: Row): MovedMark => ({
  conversationId: asId(row.conversation_id),
  userId: asId(row.user_id),
  deliveredSeq: row.delivered_seq,
  readSeq: row.read_seq,
  receiptsVersion: row.receipts_version,
  memberCount: row.member_count,
  showsRead: row.shown,
  blockedWith: row.across.map((id) => asId<'user'>(id)),
});
