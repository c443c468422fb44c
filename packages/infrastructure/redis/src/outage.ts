import { loggableError } from '@coucou/application/kernel/loggable-error';
import type { Counter } from '@coucou/application/ports/metrics';
import type { Logger } from 'pino';
import { seldom } from './seldom.ts';

export type RedisLog = Pick<Logger, 'error' | 'warn' | 'info'>;

/** Tells the log of an outage once, however many connections and commands it breaks. */
export type Outage = Readonly<{
  began: (connection: string, error: unknown) => void;
  ended: (connection: string) => void;
  /** Redis answers, but not what was asked: it is out of memory or read-only, or denies a command. */
  refused: (error: unknown) => void;
}>;

export function createOutage(log: RedisLog, count: Counter): Outage {
  const away = new Set<string>();
  let since = 0;
  const seldomRefused = seldom();
  return {
    began(connection, error) {
      const isFirst = away.size === 0;
      away.add(connection);
      if (!isFirst) return;
      since = performance.now();
      count.add();
      log.error(
        { error: loggableError(error) },
        'Redis is away: until it answers, each node counts limits and runs jobs by itself, and events of other nodes come late; check REDIS_URL and the server that it names',
      );
    },
    ended(connection) {
      if (!away.delete(connection) || away.size > 0) return;
      log.info({ awayMs: Math.round(performance.now() - since) }, 'Redis answers again');
    },
    refused(error) {
      seldomRefused(() => log.error({ error: loggableError(error) }, 'Redis refuses a command (told once a minute)'));
    },
  };
}
