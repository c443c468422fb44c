import { metrics as catalogue } from '@coucou/application/metrics/catalogue';
import type { Metrics } from '@coucou/application/ports/metrics';
import type { DurableEvent } from '@coucou/application/kernel/event';
import type { JobContext } from '@coucou/application/kernel/subscriber';
import { jobErrors } from '@coucou/domain/jobs/dead-letter';
import { ChatError, errors } from '@coucou/domain/kernel/errors';
import type { FailedEvent } from './outbox-store.ts';

/** A subscriber that has its ports. */
export type ReadySubscriber = Readonly<{
  name: string;
  on: DurableEvent['type'];
  /** Its commits do not wait for the WAL flush. */
  asyncCommit?: boolean;
  run: (events: readonly DurableEvent[], context?: JobContext) => Promise<void>;
}>;

export type AttemptOptions = Readonly<{
  metrics: Metrics;
  log: Readonly<{ warn: (details: object, message: string) => void; error: (details: object, message: string) => void }>;
  maxAttempts?: number;
  /** Back-off after the first failure that counts; it doubles with each, up to an hour, and up to a quarter of it is taken off by chance. */
  backoffMs?: number;
  random?: () => number;
  /** A subscriber that has not answered by then has failed, and what it still does has no effect in the database. */
  silenceMs?: number;
}>;

const HOUR_MS = 3_600_000;
/**
 * Bounds of the back-off while a dependency is unavailable, such as the database. The delay equals the time since the outage began, so that it
 * doubles: an interrupted connection costs a second, and a long outage one attempt in half a minute. An outage is over when no event of the type
 * has failed in this way for a minute.
 */
const AWAY_BACKOFF_MS = { least: 1_000, most: 30_000 };
const JITTER = 0.25;

export class Silence extends Error {
  override readonly name = 'Silence';
}

/**
 * The event is not at fault: it waits however long that lasts, and is never given up. A time-out may well be the event's own.
 */
export const isAway = (error: unknown): boolean => error instanceof ChatError && error.code === errors.SERVICE_UNAVAILABLE.code;

/** Another attempt would read the same. */
const isUnreadable = (error: unknown): boolean => error instanceof ChatError && error.code === jobErrors.UNREADABLE.code;

/** An error of the catalogue by its code. */
const describe = (error: unknown): string => {
  if (error instanceof ChatError) return `${error.code}: ${error.message}`;
  return (error instanceof Error ? `${error.name}: ${error.message}` : String(error)).slice(0, 500);
};

/** How often what is due is tried, when again, and how an attempt counts. */
export function createAttempts({ metrics, log, maxAttempts = 12, backoffMs = 1_000, random = Math.random, silenceMs }: AttemptOptions) {
  const patienceMs = silenceMs ?? 300_000;
  const outcomeOf = (outcome: string) => metrics.counter(catalogue.outboxEvents, { outcome });
  const counts = { done: outcomeOf('done'), failed: outcomeOf('failed'), dead: outcomeOf('dead') };
  const outages = new Map<DurableEvent['type'], { since: number; last: number }>();

  function awayBackoffMs({ type }: DurableEvent): number {
    const { least, most } = AWAY_BACKOFF_MS;
    const now = performance.now();
    const known = outages.get(type);
    const since = known === undefined || now - known.last > 2 * most ? now : known.since;
    outages.set(type, { since, last: now });
    return Math.min(Math.max(now - since, least), most);
  }

  return {
    counts,
    /** The fault of an event whose worker died at every attempt. */
    exhausted: (attempts: number): Error | undefined =>
      attempts > maxAttempts ? new Error('no attempt came to an end: each time its worker was lost') : undefined,

    /** Rejects for a subscriber that stays silent, which may go on all the same. */
    async answered(subscriber: ReadySubscriber, events: readonly DurableEvent[], context?: JobContext): Promise<void> {
      const silence = Promise.withResolvers<never>();
      const late = (): void => silence.reject(new Silence(`${subscriber.name} did not answer within ${patienceMs / 1_000} s`));
      const timer = setTimeout(late, patienceMs).unref();
      try {
        await Promise.race([subscriber.run(events, context), silence.promise]);
      } finally {
        clearTimeout(timer);
      }
    },

    failed(event: DurableEvent, attempts: number, error: unknown): FailedEvent {
      const away = isAway(error);
      const dead = isUnreadable(error) || (attempts >= maxAttempts && !away);
      const backoff = Math.min(backoffMs * 2 ** (attempts - 1), HOUR_MS);
      const retryInMs = dead ? undefined : (away ? awayBackoffMs(event) : backoff) * (1 - JITTER * random());
      counts[dead ? 'dead' : 'failed'].add();
      const details = { err: error, eventId: event.id, event: event.type, attempts };
      if (dead) log.error(details, 'gave up on an event');
      else log.warn({ ...details, retryInMs }, 'an event failed and will be tried again');
      return { event, reason: describe(error), retryInMs, counts: !away };
    },
  };
}
