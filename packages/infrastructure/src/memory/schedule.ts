import type { Logger } from '../observability/logger.ts';
import { loggableError } from '../operations/loggable-error.ts';

export type Schedule = Readonly<{ stop(): Promise<void> }>;

/** Runs a job again and again in this process, never twice at a time. A run that fails is logged, and the next one comes all the same. */
export function every(intervalMs: number, name: string, job: () => Promise<void>, log: Pick<Logger, 'error'>): Schedule {
  let running: Promise<void> | undefined;
  const timer = setInterval(() => {
    running ??= job()
      .catch((error: unknown) => log.error({ job: name, error: loggableError(error) }, 'a scheduled job failed'))
      .finally(() => {
        running = undefined;
      });
  }, intervalMs);
  timer.unref();
  return {
    async stop() {
      clearInterval(timer);
      await running;
    },
  };
}
