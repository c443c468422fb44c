import { readdirSync, readFileSync } from 'node:fs';
import { setPriority } from 'node:os';
import type { Logger } from '@coucou/observability/logger';

/** How libuv names the threads of its pool. */
const POOL_THREAD = 'libuv-worker';
/** As much processor time as a tenth of that of a thread at 0, where both want the same core. */
const NICE = 10;

/**
 * Passwords are hashed and pictures decoded in libuv's pool, for tens of milliseconds at a time, and the thread that answers people is not to
 * wait for them. Only on Linux has each thread a priority of its own, and anybody may lower it; elsewhere all is as it was.
 */
export function lowerPoolPriority(log: Pick<Logger, 'warn'>): void {
  if (process.platform !== 'linux') return;
  try {
    for (const thread of readdirSync('/proc/self/task')) {
      const name = readFileSync(`/proc/self/task/${thread}/comm`, 'utf8').trim();
      if (name === POOL_THREAD) setPriority(Number(thread), NICE);
    }
  } catch (err) {
    log.warn({ err }, 'the threads that hash passwords keep their priority: many logins at once may delay messages');
  }
}
