import { loggableError } from '@coucou/application/kernel/loggable-error';
import type { EventBus } from '@coucou/application/ports/event-bus';
import type { Schedule, Schedules } from '@coucou/application/ports/schedules';
import type { Logger } from '@coucou/observability/logger';
import type { Container } from '../composition/container.ts';
import { LocalAccountRules, LocalApiKeyUses, LocalSessionChecks, LocalSessionUses } from '../composition/ports.ts';
import type { Undo } from './undo.ts';

export type SessionUpkeep = Readonly<{ bus: Pick<EventBus, 'onRecovered'>; schedules: Schedules; log: Logger }>;

/** With jitter below the 2 s that other nodes have for noticing an ended session without a bus, and what the operator granted an account. */
const POLL_MS = 1_500;
/** With jitter below 1 s. */
const FLUSH_MS = 750;
/** They are written to the minute. */
const KEYS_MS = 15_000;

/**
 * Keeps this node's knowledge of sessions and of accounts' limits current and writes what it has seen, until the server closes. The first polls are
 * awaited: before them the node would accept tokens of sessions that have ended. Answers what it keeps.
 */
export async function keepSessions(container: Pick<Container, 'resolve'>, { bus, schedules, log }: SessionUpkeep, undo: Undo) {
  const [checks, accountRules] = [container.resolve(LocalSessionChecks), container.resolve(LocalAccountRules)];
  const [uses, apiKeyUses] = [container.resolve(LocalSessionUses), container.resolve(LocalApiKeyUses)];
  await checks.poll();
  await accountRules.poll();
  /** The database may be away for a while: of each job that is logged once. */
  function every(everyMs: number, name: string, work: () => Promise<void>): Schedule {
    let isFailing = false;
    return schedules.every(everyMs, name, async () => {
      try {
        await work();
        isFailing = false;
      } catch (error) {
        if (!isFailing) log.warn({ err: loggableError(error), job: name }, 'a job of sessions failed; it is tried again');
        isFailing = true;
      }
    });
  }
  const polling = every(POLL_MS, 'access changes', () => checks.poll());
  const running = [
    polling,
    every(POLL_MS, 'limits of accounts', () => accountRules.poll()),
    every(FLUSH_MS, 'session uses', () => uses.flush()),
    every(KEYS_MS, 'uses of API keys', () => apiKeyUses.flush()),
  ];
  const unsubscribe = bus.onRecovered(() => polling.run());
  undo.push(async () => {
    unsubscribe();
    await Promise.all(running.map((schedule) => schedule.stop()));
    await Promise.all([uses.flush(), apiKeyUses.flush()]);
  });
  return { checks, accountRules, uses, apiKeyUses };
}
