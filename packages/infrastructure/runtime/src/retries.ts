import { setTimeout as pause } from 'node:timers/promises';
import { isAway } from './attempt.ts';

/** Settles as the work does in the end; resolves when newer work of the same key came before it succeeded. */
export type Retries = (key: string, work: () => Promise<void>) => Promise<void>;

const RETRY_MS = 500;

/**
 * For what nobody asks for again: it is tried until what it needs is there, such as the database, or until `ended`. Of one key only the
 * newest work is, since what is older is told by it.
 */
export function createRetries(ended: AbortSignal): Retries {
  const newest = new Map<string, object>();

  return async (key, work) => {
    const mine = {};
    newest.set(key, mine);
    try {
      while (newest.get(key) === mine) {
        try {
          return await work();
        } catch (error) {
          if (!isAway(error) || ended.aborted) throw error;
        }
        await pause(RETRY_MS, undefined, { ref: false, signal: ended }).catch(() => {});
      }
    } finally {
      if (newest.get(key) === mine) newest.delete(key);
    }
  };
}
