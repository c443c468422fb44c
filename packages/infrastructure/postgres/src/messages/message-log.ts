import { setTimeout as pause } from 'node:timers/promises';
import { metrics as catalogue } from '@coucou/application/metrics/catalogue';
import type { AppendRequest, AppendResult, MessageLog } from '@coucou/application/ports/message-log';
import type { Counter, Metrics } from '@coucou/application/ports/metrics';
import type { Tracer } from '@coucou/application/ports/tracer';
import { errors } from '@coucou/domain/kernel/errors';
import { HISTORY_FLOOR } from '../conversations/conversation-reader.ts';
import { appendBatch, type BatchAnswer, requestHash } from './append-batch.ts';
import { isConnectionError, isDataError, isReadOnly, isRetryable, translateDatabaseError } from '../kit/errors.ts';
import { type MessageRow, messageSelect, previewFor, toMessage } from './message-rows.ts';
import type { SessionPool } from '../kit/session.ts';
import { asServer } from '../kit/turns.ts';
import { readOnce } from '../kit/unit-of-work.ts';
import { refuseInDeferred } from '../transactions/deferred-write.ts';
import { refuseNested } from '../transactions/transaction.ts';

export type MessageLogOptions = Readonly<{
  /** For appends only, so that readers never delay a send. */
  pool: SessionPool;
  /** For appends that wait for a conversation which another transaction holds. */
  contendedPool: SessionPool;
  /** For reading. */
  readPool: SessionPool;
  /** Batches under way at once; conversations are spread over them by hash. */
  lanes: number;
  batchSize?: number;
  /** What may wait in front of one lane. */
  queueLimit?: number;
  /** Write outbox rows for posted messages. */
  announce: boolean;
  metrics: Metrics;
  tracer: Tracer;
}>;

type Waiting = Readonly<{
  request: AppendRequest;
  key: string;
  /** The span that waits for it. */
  traceparent: string | undefined;
  /** `performance.now()` */
  since: number;
  resolve: (result: AppendResult) => void;
  reject: (error: unknown) => void;
}>;

/**
 * Former members see nothing that others wrote, which may be newer than their leaving: for them there is no `a`.
 * `offset 0` hides the conversation from the planner, which would scan one that is missing from its statistics.
 */
const FIND_SENT = `
  select ${messageSelect('x', '$2', previewFor('$2', 'a.floor'))}, x.request_hash = decode($4, 'hex') as same, a.floor is not null as present
  from (select $1::uuid as id offset 0) k
  cross join lateral (
    select * from message m where m.conversation_id = k.id and m.sender_id = $2 and m.client_message_id = $3
  ) x
  left join lateral (
    select ${HISTORY_FLOOR} as floor from member m join conversation c on c.account_id = m.account_id and c.id = m.conversation_id
    where m.account_id = x.account_id and m.conversation_id = x.conversation_id and m.user_id = $2 and m.left_at is null
  ) a on true`;
type SentRow = MessageRow & Readonly<{ same: boolean; present: boolean }>;

const ACCESS_VERSION = 'select access_version from conversation_head where conversation_id = $1 order by era desc limit 1';

/** Attempts of a batch; idempotent. None begins after so long: a connection may take a while, and clients are answered within three seconds. */
const ATTEMPTS = 3;
const RETRY_WITHIN_MS = 400;

/** A deadlock is over, and a new connection may reach a sound server. Where disk or memory are short, more attempts only add to the load. */
const isWorthRetrying = (error: unknown): boolean => isRetryable(error) || isConnectionError(error) || isReadOnly(error);

const conversationKey = ({ draft }: AppendRequest): string => `${draft.accountId}:${draft.conversationId}`;
const sendKey = ({ draft }: AppendRequest): string => `${draft.conversationId}:${draft.senderId}:${draft.clientMessageId}`;

const causesOf = (batch: readonly Waiting[]): (string | undefined)[] => batch.map(({ traceparent }) => traceparent);

/** FNV-1a: spreads conversations over lanes; any cheap hash does. */
function laneOf(key: string, lanes: number): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < key.length; i += 1) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193);
  return (hash >>> 0) % lanes;
}

export type BatchingMessageLog = MessageLog &
  Readonly<{
    settled(): Promise<void>;
    /** How long an append waited at most for its batch, since this was last asked; not those that another transaction holds up. */
    takeLongestWaitMs(): number;
  }>;

/**
 * Batches naturally: while a batch commits, new sends queue; the next batch takes what has gathered. There is no timer, so a quiet
 * server adds no latency. A conversation always goes through the same lane, one batch at a time, hence in order; while another
 * transaction holds it, it waits in a lane of its own.
 */
export function createMessageLog(options: MessageLogOptions): BatchingMessageLog {
  const { readPool, batchSize = 256, queueLimit = 20_000, announce, metrics, tracer } = options;
  const lanes = Array.from({ length: options.lanes }, () => createLane(false));
  /** Parked conversations, each with its own queue. */
  const parked = new Map<string, ReturnType<typeof createLane>>();
  const busy = new Set<Promise<void>>();
  let longestWaitMs = 0;

  const batches = metrics.histogram(catalogue.appendBatch, {});
  const durations = metrics.histogram(catalogue.appendDuration, {});
  const outcomeOf = (outcome: BatchAnswer['status']) => metrics.counter(catalogue.appends, { outcome });
  const outcomes: Readonly<Record<BatchAnswer['status'], Counter>> = {
    stored: outcomeOf('stored'),
    duplicate: outcomeOf('duplicate'),
    conflict: outcomeOf('conflict'),
    stale: outcomeOf('stale'),
    parked: outcomeOf('parked'),
    slowed: outcomeOf('slowed'),
  };
  metrics.gauge(catalogue.appendsWaiting, () => [
    { labels: {}, value: [...lanes, ...parked.values()].reduce((sum, lane) => sum + lane.waiting(), 0) },
  ]);

  function createLane(wait: boolean, onIdle: () => void = () => {}) {
    let queue: Waiting[] = [];
    let running = false;

    const drain = async (): Promise<void> => {
      // What arrived in the same turn of the event loop travels in the first batch.
      await new Promise<void>((resolve) => setImmediate(resolve));
      while (queue.length > 0) {
        const next = queue.length > batchSize ? queue.slice(0, batchSize) : queue;
        queue = queue.length > batchSize ? queue.slice(batchSize) : [];
        if (!wait && next[0] !== undefined) longestWaitMs = Math.max(longestWaitMs, performance.now() - next[0].since);
        const batch = wait ? next : next.filter(isFree);
        if (batch.length > 0) await appendAll(batch, wait);
      }
      running = false;
      onIdle();
    };

    return {
      waiting: () => queue.length,
      push(waiting: Waiting): void {
        if (queue.length >= queueLimit) {
          waiting.reject(errors.OVERLOADED());
          return;
        }
        queue.push(waiting);
        if (running) return;
        running = true;
        const work = asServer('appends', drain).finally(() => busy.delete(work));
        busy.add(work);
      },
    };
  }

  const enqueue = (waiting: Waiting): void => {
    const key = conversationKey(waiting.request);
    const lane = parked.get(key) ?? lanes[laneOf(key, lanes.length)];
    lane?.push(waiting);
  };

  function park(waiting: Waiting): void {
    const key = conversationKey(waiting.request);
    let lane = parked.get(key);
    if (lane === undefined) {
      lane = createLane(true, () => parked.delete(key));
      parked.set(key, lane);
    }
    lane.push(waiting);
  }

  /** Keeps order: what was queued behind a parked message stays behind it, even if the conversation is free by now. */
  function isFree(waiting: Waiting): boolean {
    const lane = parked.size === 0 ? undefined : parked.get(conversationKey(waiting.request));
    lane?.push(waiting);
    return lane === undefined;
  }

  /** Resends within one batch wait for the first of them and share its answer. */
  async function appendAll(batch: readonly Waiting[], wait: boolean): Promise<void> {
    const leaders = new Map<string, Waiting>();
    const followers: Waiting[] = [];
    for (const waiting of batch) {
      if (leaders.has(waiting.key)) followers.push(waiting);
      else leaders.set(waiting.key, waiting);
    }
    await settleBatch([...leaders.values()], wait);
    // Their leader is stored by now, or was refused: either way the next batch answers them.
    for (const follower of followers) enqueue(follower);
  }

  async function settleBatch(batch: readonly Waiting[], wait: boolean): Promise<void> {
    const startedAt = performance.now();
    let answers: BatchAnswer[];
    try {
      answers = await tracer.continued(causesOf(batch), 'messages append batch', { 'messaging.batch.message_count': batch.length }, () =>
        tryBatch(batch, wait),
      );
    } catch (error) {
      if (batch.length > 1 && isDataError(error)) {
        const half = batch.length >> 1;
        await settleBatch(batch.slice(0, half), wait);
        await settleBatch(batch.slice(half), wait);
        return;
      }
      const translated = translateDatabaseError(error);
      for (const waiting of batch) waiting.reject(translated);
      return;
    }
    batches.observe(batch.length);
    durations.observe((performance.now() - startedAt) / 1_000);
    batch.forEach((waiting, index) => {
      const answer = answers[index] ?? { status: 'stale' };
      outcomes[answer.status].add();
      if (answer.status === 'parked') park(waiting);
      else waiting.resolve(answer);
    });
  }

  async function tryBatch(batch: readonly Waiting[], wait: boolean): Promise<BatchAnswer[]> {
    const requests = batch.map((waiting) => waiting.request);
    const causes = causesOf(batch);
    const begun = performance.now();
    for (let attempt = 1; ; attempt += 1) {
      try {
        const answers = await (wait ? options.contendedPool : options.pool).use((session) =>
          appendBatch(session, requests, { wait, announce, causes }),
        );
        return attempt === 1 ? answers : await Promise.all(answers.map((answer, index) => ownDuplicate(answer, requests[index])));
      } catch (error) {
        if (attempt >= ATTEMPTS || performance.now() - begun > RETRY_WITHIN_MS || !isWorthRetrying(error)) throw error;
        await pause(25 * attempt);
      }
    }
  }

  /**
   * A batch retried after a lost commit acknowledgement finds its own messages: stored, but not yet announced. They are
   * announced at the current access version: the decision's version may be older than the one they were stored under, and a member removed
   * in between must not receive them.
   */
  async function ownDuplicate(answer: BatchAnswer, request: AppendRequest | undefined): Promise<BatchAnswer> {
    if (answer.status !== 'duplicate' || answer.message.id !== request?.draft.id) return answer;
    const { accountId, conversationId, accessVersion } = request.draft;
    const [row] = await readOnce<{ access_version: number }>(readPool, accountId, ACCESS_VERSION, [conversationId], 'access-version');
    return { status: 'stored', message: answer.message, accessVersion: row?.access_version ?? accessVersion, receipt: undefined };
  }

  return {
    append(request) {
      refuseNested('an append');
      refuseInDeferred('an append');
      return tracer.span(
        'messages append',
        {},
        () =>
          new Promise((resolve, reject) =>
            enqueue({ request, key: sendKey(request), traceparent: tracer.carried(), since: performance.now(), resolve, reject }),
          ),
      );
    },

    async findSent(key, asSent) {
      const params = [key.conversationId, key.senderId, key.clientMessageId, requestHash(asSent)];
      const [row] = await readOnce<SentRow>(readPool, key.accountId, FIND_SENT, params, 'find-sent');
      if (row === undefined) return undefined;
      if (!row.same) return { status: 'conflict' };
      const message = toMessage(row, key.accountId, key.conversationId);
      return { status: 'duplicate', message: row.present ? message : { ...message, reactions: [] } };
    },

    takeLongestWaitMs() {
      const longest = longestWaitMs;
      longestWaitMs = 0;
      return longest;
    },

    async settled() {
      while (busy.size > 0) await Promise.all(busy);
    },
  };
}
