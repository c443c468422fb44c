import type { Logger } from '../observability/logger.ts';
import { loggableError } from '../operations/loggable-error.ts';

export type Schedule = Readonly<{ stop(): Promise<void> }>;

/** By how much of the interval a run comes sooner or later. */
const JITTER = 0.2;

/**
 * Runs a job again and again in this process, never twice at a time, and not to the clock: nodes that were started together do not stay
 * together. A run that fails is logged, and the next one comes all the same.
 */
export function every(
  intervalMs: number,
  name: string,
  job: (stopping: AbortSignal) => Promise<void>,
  log: Pick<Logger, 'error'>,
): Schedule {
  const stop = new AbortController();
  let running: Promise<void> | undefined;
  let timer = next();

  function next(): NodeJS.Timeout {
    return setTimeout(
      () => {
        timer = next();
        running ??= job(stop.signal)
          .catch((error: unknown) => log.error({ job: name, error: loggableError(error) }, 'a scheduled job failed'))
          .finally(() => {
            running = undefined;
          });
      },
      Math.round(intervalMs * (1 + JITTER * (2 * Math.random() - 1))),
    ).unref();
  }

  return {
    async stop() {
      clearTimeout(timer);
      stop.abort();
      await running;
    },
  };
}
