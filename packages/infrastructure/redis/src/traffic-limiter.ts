import { aheadMs, intervalMs, takeTokens, windowMs } from '@coucou/application/kernel/gcra';
import { type Bucket, createTokenBuckets } from '@coucou/application/kernel/token-buckets';
import { metrics as catalogue } from '@coucou/application/metrics/catalogue';
import type { Metrics } from '@coucou/application/ports/metrics';
import type { Quota, TrafficLimiter, TrafficRule } from '@coucou/application/ports/traffic-limiter';
import type { GuardedClient } from './client.ts';
import type { Names } from './names.ts';
import { runScript } from './script.ts';
import { SETTLE } from './settle-script.ts';

export type RedisTrafficLimiterOptions = Readonly<{
  client: Pick<GuardedClient, 'isUp' | 'ask'>;
  names: Names;
  /** `limits_counted_here`: while Redis was away. */
  metrics: Metrics;
}>;

export type RedisTrafficLimiter = TrafficLimiter &
  Readonly<{
    /** Redis is back, and may have lost its buckets. */
    resumed: () => void;
    /** Resolves when Redis knows what was granted here, or cannot be told. */
    settled: () => Promise<void>;
  }>;

/** A node grants so much of a limit before Redis knows; of small limits nothing. */
const AHEAD = { share: 1 / 20, leastLimit: 10 };
/** How often what was granted is looked through, and when all of it is settled at the latest. */
const TICK_MS = 20;
const SETTLE_WITHIN_MS = 1_000;
/** How long a Redis that answers, but refuses to settle a bucket, is not asked for it again: it may be out of memory for hours. */
const RETRY_MS = 1_000;
const MOST_KEYS = 100;

type Waiter = (quota: Quota) => void;
/** What Redis has not been told of a bucket, and who waits for what it says. */
type Due = { since: number; retryAt: number; waiting: Waiter[]; isSettling: boolean };
type Settling = Readonly<{ name: string; bucket: Bucket; known: Due }>;

function creditOf({ rates }: TrafficRule): number {
  let credit = Infinity;
  for (const { limit } of rates) credit = Math.min(credit, limit < AHEAD.leastLimit ? 0 : Math.max(1, Math.floor(limit * AHEAD.share)));
  return credit;
}

/** Windows are short where limits are: what is not settled for longer would be a larger part of them. */
const settleWithinMs = ({ rates }: TrafficRule): number => Math.min(SETTLE_WITHIN_MS, ...rates.map((rate) => windowMs(rate) * AHEAD.share));

const ruleName = ({ name, rates }: TrafficRule): string =>
  `${name}:${rates.map(({ limit, windowSeconds }) => `${limit}/${windowSeconds}`).join()}`;

const microseconds = (ms: number): number => Math.round(ms * 1_000);

/**
 * Buckets of all nodes on Redis. A node decides by its copy and settles in blocks: it tells Redis what it has granted in the background, many
 * buckets per command, so that a call does no command of its own and only a burst on a bucket with little left waits for one.
 */
export function createRedisTrafficLimiter({ client, names, metrics }: RedisTrafficLimiterOptions): RedisTrafficLimiter {
  const countedHere = metrics.counter(catalogue.limitsCountedHere, {});
  const now = () => performance.now();
  const buckets = createTokenBuckets({ now });
  const due = new Map<Bucket, Due>();
  /** Those that Redis may have forgotten, while this node remembers. */
  let forgotten = new WeakSet<Bucket>();
  let timer: NodeJS.Timeout | undefined;
  let isFlushing = false;
  const running = new Set<Promise<void>>();

  function dueOf(bucket: Bucket): Due {
    let known = due.get(bucket);
    if (known === undefined) {
      known = { since: now(), retryAt: 0, waiting: [], isSettling: false };
      due.set(bucket, known);
      timer ??= setTimeout(tick, TICK_MS).unref();
    }
    return known;
  }

  function grant(bucket: Bucket): Quota {
    const quota = buckets.take(bucket);
    if (quota.isAllowed) bucket.owed += 1;
    return quota;
  }

  function decideHere(bucket: Bucket): Quota {
    countedHere.add();
    return grant(bucket);
  }

  function wait(bucket: Bucket, known: Due): Promise<Quota> {
    return new Promise((resolve) => {
      known.waiting.push(resolve);
      if (!known.isSettling) flushSoon();
    });
  }

  /** After the other calls of this turn. */
  function flushSoon(): void {
    if (isFlushing) return;
    isFlushing = true;
    setImmediate(() => {
      isFlushing = false;
      flush(({ waiting }) => waiting.length > 0);
    });
  }

  function tick(): void {
    timer = undefined;
    // Afterwards `resumed` goes on.
    if (!client.isUp()) return;
    const at = now();
    flush(
      ({ waiting, since, retryAt }, { owed, rule }) =>
        waiting.length > 0 || (at >= retryAt && (Math.abs(owed) * 2 >= creditOf(rule) || at - since >= settleWithinMs(rule))),
    );
    if (due.size > 0) timer ??= setTimeout(tick, TICK_MS).unref();
  }

  function flush(isWanted: (known: Due, bucket: Bucket) => boolean): void {
    const shards = new Map<string, Settling[]>();
    for (const [bucket, known] of due) {
      if (known.isSettling) continue;
      // What was granted has come back: there is nothing to tell, also where Redis could not be told for a while.
      if (known.waiting.length === 0 && bucket.owed >= 0 && buckets.isFull(bucket)) {
        bucket.owed = 0;
        due.delete(bucket);
        continue;
      }
      if (!isWanted(known, bucket)) continue;
      const { name, shard } = names.bucket(ruleName(bucket.rule), `${bucket.account ?? ''}:${bucket.key}`);
      const some = shards.get(shard);
      if (some === undefined || some.length >= MOST_KEYS) {
        const first = [{ name, bucket, known }];
        if (some !== undefined) start(some);
        shards.set(shard, first);
      } else some.push({ name, bucket, known });
    }
    for (const some of shards.values()) start(some);
  }

  function start(some: readonly Settling[]): void {
    const settling = settle(some).finally(() => running.delete(settling));
    running.add(settling);
  }

  async function settle(some: readonly Settling[]): Promise<void> {
    const sentAt = now();
    const sent = some.map(({ name, bucket, known }) => {
      known.isSettling = true;
      return { name, bucket, known, owed: bucket.owed, waiting: known.waiting.splice(0), isForgotten: forgotten.has(bucket) };
    });
    try {
      const args = sent.flatMap(({ bucket, owed, waiting, isForgotten }) =>
        argsOf(bucket, { owed, want: waiting.length, isForgotten, at: sentAt }),
      );
      const answers = (await client.ask((redis) =>
        runScript(
          redis,
          SETTLE,
          sent.map(({ name }) => name),
          args,
        ),
      )) as number[];
      let read = 0;
      for (const { bucket, known, owed, waiting } of sent) {
        const granted = answers[read] ?? 0;
        const ahead = answers.slice(read + 1, read + 1 + bucket.rule.rates.length);
        read += 1 + ahead.length;
        forgotten.delete(bucket);
        learn(bucket, { sentAt, ahead, since: bucket.owed - owed });
        for (const [index, decide] of waiting.entries()) decide(buckets.quota(bucket, index < granted));
        finish(bucket, known);
      }
    } catch {
      // Told to the log by the client, once for the outage.
      for (const { bucket, known, waiting } of sent) {
        for (const decide of [...waiting, ...known.waiting.splice(0)]) decide(decideHere(bucket));
        known.retryAt = now() + RETRY_MS;
        finish(bucket, known);
      }
    }
  }

  function argsOf(
    { rule, tats }: Bucket,
    { owed, want, isForgotten, at }: Readonly<{ owed: number; want: number; isForgotten: boolean; at: number }>,
  ) {
    return [
      rule.rates.length,
      want,
      ...rule.rates.flatMap((rate, index) => {
        const ahead = aheadMs(rate, tats[index] ?? -Infinity, at);
        // What was granted long ago has come back since.
        const own = Math.min(owed * intervalMs(rate), ahead);
        return [intervalMs(rate) * 1_000, microseconds(windowMs(rate)), microseconds(own), isForgotten ? microseconds(ahead) : 0];
      }),
    ];
  }

  /** As Redis has it, and what was granted here since. Counted from when it was asked, so that the way there and back fills no bucket more slowly. */
  function learn(bucket: Bucket, { sentAt, ahead, since }: Readonly<{ sentAt: number; ahead: readonly number[]; since: number }>): void {
    bucket.owed = since;
    for (const [index, rate] of bucket.rule.rates.entries())
      bucket.tats[index] = takeTokens(rate, sentAt + (ahead[index] ?? 0) / 1_000, sentAt, since);
  }

  function finish(bucket: Bucket, known: Due): void {
    known.isSettling = false;
    known.since = now();
    if (known.waiting.length > 0 && buckets.left(bucket) === 0)
      for (const decide of known.waiting.splice(0)) decide(buckets.quota(bucket, false));
    if (known.waiting.length > 0) flushSoon();
    else if (bucket.owed === 0) due.delete(bucket);
  }

  return {
    take(rule, key, account) {
      const bucket = buckets.of(rule, key, account);
      if (!client.isUp()) return decideHere(bucket);
      const known = due.get(bucket);
      if ((known === undefined || known.waiting.length === 0) && bucket.owed < creditOf(rule)) {
        const quota = grant(bucket);
        if (quota.isAllowed && known === undefined) dueOf(bucket);
        return quota;
      }
      if (buckets.left(bucket) === 0) return buckets.quota(bucket, false);
      const mine = known ?? dueOf(bucket);
      return now() < mine.retryAt ? decideHere(bucket) : wait(bucket, mine);
    },

    giveBack(rule, key, account) {
      const bucket = buckets.of(rule, key, account);
      buckets.move(bucket, -1);
      bucket.owed -= 1;
      if (client.isUp()) dueOf(bucket);
    },

    resumed() {
      forgotten = new WeakSet(buckets.all());
      for (const known of due.values()) known.retryAt = 0;
      for (const bucket of buckets.all()) if (bucket.owed !== 0) dueOf(bucket);
      if (due.size > 0) timer ??= setTimeout(tick, TICK_MS).unref();
    },

    async settled() {
      // Twice, since more may have been granted meanwhile.
      for (let pass = 0; pass < 2 && client.isUp(); pass += 1) {
        flush(() => true);
        await Promise.all(running);
      }
    },
  };
}
