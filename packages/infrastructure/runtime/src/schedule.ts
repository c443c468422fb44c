import type { Schedule, Schedules } from '@coucou/application/ports/schedules';
import type { Logger } from 'pino';
import { loggableError } from '@coucou/application/kernel/loggable-error';

/** Jitter, as a fraction of the interval. */
const JITTER = 0.2;

type Job = (stopping: AbortSignal) => Promise<void>;

export const createSchedules = (log: Pick<Logger, 'error'>) =>
  ({
    every: (intervalMs: number, name: string, job: Job): Schedule => every(intervalMs, name, job, log),
  }) satisfies Schedules;

function every(intervalMs: number, name: string, job: Job, log: Pick<Logger, 'error'>): Schedule {
  const stop = new AbortController();
  let running: Promise<void> | undefined;
  let again = false;
  let timer = next();

  function begin(): void {
    running ??= job(stop.signal)
      .catch((error: unknown) => log.error({ job: name, error: loggableError(error) }, 'a scheduled job failed'))
      .finally(() => {
        running = undefined;
        if (!again || stop.signal.aborted) return;
        again = false;
        begin();
      });
  }

  function next(): NodeJS.Timeout {
    return setTimeout(
      () => {
        timer = next();
        begin();
      },
      Math.round(intervalMs * (1 + JITTER * (2 * Math.random() - 1))),
    ).unref();
  }

  return {
    run() {
      if (stop.signal.aborted) return;
      again = running !== undefined;
      begin();
    },
    async stop() {
      clearTimeout(timer);
      stop.abort();
      await running;
    },
  };
}
