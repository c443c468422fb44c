import { setTimeout as pause } from 'node:timers/promises';
import { ConnectRefused } from '../support/clients.ts';
import { actions } from './actions.ts';
import type { Cast } from './cast.ts';

export type Churn = Readonly<{
  /** Of each action, how often it was done. */
  done: Readonly<Record<string, number>>;
  /** Actions that a node refused, or did not answer in time, since it had too much to do. */
  refused: () => number;
  /** Waits until nobody does anything. */
  stop: () => Promise<void>;
}>;

/** What a loaded machine may do: time limits end what hangs, and measure nothing. */
const BUSY = /\b(?:OVERLOADED|RATE_LIMITED)\b|waited \d+ ms|timed out/;

/** Each cast does one action after the other, all equally often, with pauses of `pauseMs` on average. */
export function startChurn(
  casts: readonly Cast[],
  { random, pauseMs, finding }: Readonly<{ random: () => number; pauseMs: number; finding: (what: string) => void }>,
): Churn {
  const stopping = new AbortController();
  const done: Record<string, number> = Object.fromEntries(Object.keys(actions).map((name) => [name, 0]));
  let refused = 0;
  const isBusy = (error: unknown) => BUSY.test(error instanceof ConnectRefused ? error.error.code : String(error));

  async function act(cast: Cast): Promise<void> {
    const left: [string, (typeof actions)[string]][] = [];
    while (!stopping.signal.aborted) {
      if (left.length === 0) left.push(...Object.entries(actions));
      const [[name, action] = []] = left.splice(Math.floor(random() * left.length), 1);
      try {
        await action?.(cast, random);
        done[`${name}`] = (done[`${name}`] ?? 0) + 1;
      } catch (error) {
        if (isBusy(error)) refused += 1;
        else finding(`${name}: ${error instanceof Error ? error.message : String(error)}`);
      }
      await pause(pauseMs * (0.5 + random()), undefined, { signal: stopping.signal }).catch(() => {});
    }
  }
  const acting = casts.map(act);
  return {
    done,
    refused: () => refused,
    async stop() {
      stopping.abort();
      await Promise.all(acting);
    },
  };
}
