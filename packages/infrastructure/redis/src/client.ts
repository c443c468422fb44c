import { Redis, ReplyError, type RedisOptions } from 'ioredis';
import type { RedisAddress } from './address.ts';
import { overCluster, overServer, type RedisCommands } from './connection.ts';
import type { Outage } from './outage.ts';
import { optionsFor } from './slot-owner.ts';

/** Redis did not do what was asked: it is away, hangs or refuses. A command that was sent may have run all the same. */
export class RedisUnavailableError extends Error {
  override readonly name = 'RedisUnavailableError';
}

export type GuardedClient = Readonly<{
  isUp: () => boolean;
  /** Bytes that wait for the network. */
  buffered: () => number;
  /** For a caller who waits: rejects with a `RedisUnavailableError` only, at once while Redis is away, after 500 ms at the latest. */
  ask: <T>(command: (redis: RedisCommands) => Promise<T>) => Promise<T>;
  /** As `ask`, where nobody waits: it may take as long as the connection lives. */
  send: <T>(command: (redis: RedisCommands) => Promise<T>) => Promise<T>;
  /** Resolves when it is up for the first time, or closed before. */
  firstUp: Promise<void>;
  close: () => Promise<void>;
}>;

export type ClientOptions = Readonly<{
  address: RedisAddress;
  /** Names the connection in `CLIENT LIST`. */
  name: string;
  outage: Outage;
  /** Where it is for one key or channel. */
  at?: At;
  onUp?: () => void;
  /** It is not up any more. */
  onLost?: () => void;
}>;

/** One connection, on a cluster as well: to the master that has `key`. */
type At = Readonly<{
  key: string;
  /** Listens on the connection before it is opened. */
  listen?: (redis: Redis) => void;
  /** Runs on every new connection, which counts as up when this has resolved. */
  prepare?: (redis: Redis) => Promise<unknown>;
}>;

/** Longer than a busy Redis pauses, such as to fork for a snapshot. */
const ANSWER_WITHIN_MS = 500;
/** How often a connection is asked whether it lives, which finds one that nothing is written to, and how long that may take. */
const BEAT_MS = 1_000;
const BEAT_WITHIN_MS = 1_000;
const CONNECT_WITHIN_MS = 5_000;
const RETRY = { firstMs: 50, mostMs: 500, jitter: 0.2 };

const OPTIONS = {
  // A command neither waits for a connection nor runs on a later one.
  maxRetriesPerRequest: 0,
  autoResendUnfulfilledCommands: false,
  autoResubscribe: false,
  connectTimeout: CONNECT_WITHIN_MS,
  commandTimeout: CONNECT_WITHIN_MS,
  sentinelCommandTimeout: 1_000,
  disconnectTimeout: 1,
  // After a failover the old address may be a replica's.
  reconnectOnError: ({ message }) => message.startsWith('READONLY'),
  replyMapping: 'legacy',
} satisfies RedisOptions;

/**
 * A connection whose failures stay inside it: while Redis is away commands reject at once, and the first that gets no answer makes those after
 * it reject at once. Stock options queue commands for minutes, and end the process by a rejection that nobody catches.
 */
export function openClient({ address, name, outage, at, onUp, onLost }: ClientOptions): GuardedClient {
  /** Since it was up. */
  let attempts = 0;
  const retry = () => Math.min(RETRY.firstMs * 2 ** attempts++, RETRY.mostMs) * (1 + RETRY.jitter * Math.random());
  const { connection, prepare } = connect();
  const firstUp = Promise.withResolvers<void>();
  let isUp = false;
  let isClosing = false;
  /** What the library said last, before it closes a connection. */
  let cause: unknown;

  function connect() {
    const options = { ...OPTIONS, connectionName: `coucou ${name}` };
    if (address.kind === 'cluster' && at === undefined) {
      const cluster = overCluster(address, options, retry);
      return { connection: cluster, prepare: () => within(cluster.ping(), BEAT_WITHIN_MS) };
    }
    const redis = new Redis({
      ...options,
      lazyConnect: true,
      enableOfflineQueue: false,
      retryStrategy: retry,
      ...optionsFor(address, at?.key ?? ''),
    });
    at?.listen?.(redis);
    return { connection: overServer(redis), prepare: async () => void (await at?.prepare?.(redis)) };
  }

  function lost(error: unknown): void {
    const wasUp = isUp;
    isUp = false;
    if (!isClosing) outage.began(name, error);
    if (wasUp) onLost?.();
  }

  /** Gives the connection up for another. */
  function replace(error: unknown): void {
    if (isClosing || !connection.isReady()) return;
    cause = error;
    lost(error);
    connection.replace();
  }

  async function ready(): Promise<void> {
    try {
      await prepare();
    } catch (error) {
      return replace(error);
    }
    if (isClosing || !connection.isReady()) return;
    cause = undefined;
    attempts = 0;
    isUp = true;
    outage.ended(name);
    firstUp.resolve();
    onUp?.();
  }

  async function run<T>(command: () => Promise<T>): Promise<T> {
    if (!isUp) throw new RedisUnavailableError('Redis is away');
    try {
      return await command();
    } catch (error) {
      // Of all that waited, the first is enough.
      if (error instanceof RedisUnavailableError && isUp) replace(error);
      if (error instanceof ReplyError) outage.refused(error);
      throw new RedisUnavailableError('Redis did not do what was asked', { cause: error });
    }
  }

  async function beat(): Promise<void> {
    if (!isUp) return;
    try {
      await within(connection.ping(), BEAT_WITHIN_MS);
    } catch (error) {
      // Another error than silence has closed the connection, or is an answer.
      if (error instanceof RedisUnavailableError) replace(error);
    }
  }

  connection.on('error', (error) => {
    cause = error;
    // A server that nobody can name yet is never connected to, and so never lost.
    if (!isUp) lost(error);
  });
  connection.on('ready', () => void ready());
  connection.on('close', () => lost(cause ?? new RedisUnavailableError('the connection was closed')));
  connection.open();
  const beating = setInterval(() => void beat(), BEAT_MS);
  beating.unref();

  return {
    isUp: () => isUp,
    buffered: connection.buffered,
    ask: (command) => run(() => within(command(connection.commands), ANSWER_WITHIN_MS)),
    send: (command) => run(() => command(connection.commands)),
    firstUp: firstUp.promise,
    async close() {
      isClosing = true;
      clearInterval(beating);
      if (isUp) await within(connection.quit(), ANSWER_WITHIN_MS).catch(() => {});
      isUp = false;
      connection.end();
      firstUp.resolve();
    },
  };
}

/** A turn of the event loop that began late is no fault of Redis: what has arrived is read before an answer counts as missing. */
async function within<T>(answer: Promise<T>, ms: number): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => setImmediate(() => reject(new RedisUnavailableError(`no answer within ${ms} ms`))), ms);
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
