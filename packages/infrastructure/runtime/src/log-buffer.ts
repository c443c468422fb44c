import { asChatError } from '@coucou/application/kernel/error-body';
import { loggableError } from '@coucou/application/kernel/loggable-error';
import type { Counter } from '@coucou/application/ports/metrics';
import type { Logger } from 'pino';

export type LogBufferOptions<Row> = Readonly<{
  /** The name of the log, for the server's own. */
  name: string;
  /** Writes a batch by one statement. Writing a row again is harmless. */
  write: (rows: readonly Row[]) => Promise<void>;
  written: Counter;
  lost: Counter;
  log: Pick<Logger, 'warn' | 'info'>;
  /** Rows that may wait; default 10,000. */
  capacity?: number;
  /** Rows of one statement; default 1,000. */
  batch?: number;
}>;

/** Rows on their way to a log in the database: bounded in memory, written in batches, never waited for. */
export type LogBuffer<Row> = Readonly<{
  /** A row under its key; one that waits under the same key is replaced. Without room it is lost, and counted. */
  put: (key: string, row: Row) => void;
  /** Writes what waits. Never rejects: a failure is logged once until a batch is written again. */
  flush: () => Promise<void>;
  /** The last flush: what it cannot write is lost, and counted. */
  close: () => Promise<void>;
  readonly size: number;
}>;

export function createLogBuffer<Row>({
  name,
  write,
  written,
  lost,
  log,
  capacity = 10_000,
  batch = 1_000,
}: LogBufferOptions<Row>): LogBuffer<Row> {
  const waiting = new Map<string, Row>();
  let inFlight = 0;
  let flushing: Promise<void> | undefined;
  /** Rows lost since batches were last written without a fault; absent while there is none. */
  let outage: { lost: number } | undefined;

  function fail(rows: number, error?: unknown): void {
    if (rows > 0) lost.add(rows);
    if (outage === undefined)
      log.warn(
        { log: name, ...(error !== undefined && { err: loggableError(error) }) },
        `the ${name} log cannot be written as fast as it grows; rows are lost once ${capacity} wait`,
      );
    outage = { lost: (outage?.lost ?? 0) + rows };
  }

  function take(): [string, Row][] {
    const rows: [string, Row][] = [];
    for (const entry of waiting) {
      if (rows.length === batch) break;
      rows.push(entry);
      waiting.delete(entry[0]);
    }
    return rows;
  }

  /** What the database could not take for now waits on; a batch that it refuses would be refused again. */
  function putBack(rows: readonly [string, Row][], error: unknown): void {
    const isTemporary = asChatError(error).kind === 'unavailable';
    if (isTemporary) for (const [key, row] of rows) if (!waiting.has(key)) waiting.set(key, row);
    fail(isTemporary ? 0 : rows.length, error);
  }

  async function flushAll(): Promise<void> {
    while (waiting.size > 0) {
      const rows = take();
      inFlight = rows.length;
      try {
        await write(rows.map(([, row]) => row));
        written.add(rows.length);
        inFlight = 0;
      } catch (error) {
        inFlight = 0;
        return putBack(rows, error);
      }
    }
    if (outage === undefined) return;
    log.info({ log: name, lost: outage.lost }, `the ${name} log is written again`);
    outage = undefined;
  }

  const flush = (): Promise<void> =>
    (flushing ??= flushAll().finally(() => {
      flushing = undefined;
    }));

  return {
    put(key, row) {
      if (waiting.size + inFlight < capacity || waiting.has(key)) waiting.set(key, row);
      else fail(1);
    },
    flush,
    async close() {
      await flush();
      // What came in while the last batch of that was under way.
      await flush();
      if (waiting.size === 0) return;
      fail(waiting.size);
      log.warn({ log: name, lost: waiting.size }, `the ${name} log lost what still waited at the stop`);
      waiting.clear();
    },
    get size() {
      return waiting.size;
    },
  };
}
