import type { Mark, Marked, MovedMark, ReceiptLog, ReceiptObserver } from '@coucou/application/ports/receipt-log';
import { errors } from '@coucou/domain/kernel/errors';
import { type AccountId, asId, type UserId } from '@coucou/domain/kernel/ids';
import { READ_MARK, UNREAD, UNREAD_MENTIONS } from '../conversations/conversation-reader.ts';
import type { SessionPool } from '../kit/session.ts';
import { readOnce, refuseNested, writeOnce } from '../kit/unit-of-work.ts';

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

/**
 * What people have not read, over all of their conversations that are not archived. Each conversation is read once, however many of
 * these people are in it: its counters, and where somebody was named last, so that nothing is asked for those who read on beyond that.
 * `offset 0`: what is added up is small, and not sorted with all that it was made from.
 */
const TOTALS = `
  with mine as materialized (
    select m.* from unnest($1::uuid[]) u(id)
    cross join lateral (
      select account_id, user_id, conversation_id, unread_base, own_since, unread_from_seq, read_seq, joined_seq
      from member where user_id = u.id and left_at is null and not archived
      offset 0
    ) m
  ),
  theirs as materialized (
    select o.id, o.countable, o.last_seq, o.first_seq, o.settings, (
      select x.seq from message x where x.account_id = o.account_id and x.conversation_id = o.id and (x.mention_all or x.mentions <> '{}')
      order by x.seq desc limit 1) as named_seq
    from conversation o where o.id = any(array(select distinct conversation_id from mine))
  )
  select user_id, sum(messages)::bigint as total, sum(mentions)::bigint as mentions
  from (
    select m.user_id, greatest(${UNREAD}, 0) as messages,
      case when c.named_seq > ${READ_MARK} then ${UNREAD_MENTIONS} else 0 end as mentions
    from mine m join theirs c on c.id = m.conversation_id
    offset 0
  ) t
  where messages > 0 or mentions > 0
  group by user_id`;

/** People whose totals are added up in one statement: the more of them, the more share a conversation. */
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
  /** Whose totals changed, and the conversation that changed last. */
  const stale = new Map<AccountId, Map<UserId, Row>>();

  const isBusy = () => gathering.size > 0 || writing !== undefined || summing !== undefined;

  function write(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    writing ??= writeAll().finally(() => {
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
    const recounted = rows.filter((row) => row.recounted);
    if (recounted.length === 0) return;
    const people = stale.get(account) ?? new Map<UserId, Row>();
    for (const row of recounted) people.set(asId(row.user_id), row);
    stale.set(account, people);
    summing ??= sumUp().finally(() => {
      summing = undefined;
    });
  }

  /** After the answers, since nothing waits for the totals. Repeated marks of one user are coalesced. */
  async function sumUp(): Promise<void> {
    for (let next = stale.entries().next(); !next.done; next = stale.entries().next()) {
      const [account, people] = next.value;
      const chosen = [...people].slice(0, TOTALS_AT_ONCE);
      for (const [userId] of chosen) people.delete(userId);
      if (people.size === 0) stale.delete(account);
      try {
        const totals = await readOnce<{ user_id: string; total: number; mentions: number }>(
          pool,
          account,
          TOTALS,
          [chosen.map(([userId]) => userId)],
          'unread-totals',
        );
        const byUser = new Map(totals.map((row) => [row.user_id, row]));
        observer.recounted(
          account,
          chosen.map(([userId, row]) => ({
            userId,
            total: byUser.get(userId)?.total ?? 0,
            mentions: byUser.get(userId)?.mentions ?? 0,
            conversationId: asId(row.conversation_id),
            messages: row.unread,
          })),
        );
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
