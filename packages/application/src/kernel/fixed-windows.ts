import { errors } from '@coucou/domain/kernel/errors';
import type { RateLimit } from '../ports/rate-limiter.ts';

/** Whether one was taken, and when the window ends, in milliseconds. */
export type Counted = Readonly<{ isTaken: boolean; msLeft: number }>;

/** What another place has to know of a counter: `own` of its `count` was counted here alone. */
export type Untold = Readonly<{ own: number; count: number; msLeft: number }>;

/** Counters of fixed windows in memory, by name: what adapters of `RateLimiter` count with. */
export type FixedWindows = Readonly<{
  /** Takes one, unless the limit is reached: what is refused takes nothing. */
  take: (name: string, rule: RateLimit) => Counted;
  giveBack: (name: string) => void;
  /** Puts a counter where another place says that it is; without a window it is forgotten. Leaves what is untold. */
  set: (name: string, count: number, msLeft: number) => void;
  /** What has not been reported to the shared store; marks it as reported. */
  tell: (name: string) => Untold | undefined;
  /** Reporting failed: counts as unreported again. */
  untell: (name: string, untold: Untold) => void;
  /** The other place may have forgotten everything. */
  untellAll: () => void;
  size: () => number;
}>;

type Entry = { count: number; endsAt: number; own: number; isForgotten: boolean };

const SWEEP_EVERY_MS = 10_000;

/** `now`: milliseconds of a monotonic clock. Without a timer: windows that have ended are swept by those who take. */
export function createFixedWindows(now: () => number): FixedWindows {
  const entries = new Map<string, Entry>();
  let sweptAt = now();

  function current(name: string): Entry | undefined {
    const entry = entries.get(name);
    return entry !== undefined && entry.endsAt > now() ? entry : undefined;
  }

  function sweep(): void {
    const at = now();
    if (at - sweptAt < SWEEP_EVERY_MS) return;
    sweptAt = at;
    for (const [name, { endsAt }] of entries) if (endsAt <= at) entries.delete(name);
  }

  function add(name: string, count: number, msLeft: number): Entry {
    sweep();
    const entry = { count, endsAt: now() + msLeft, own: 0, isForgotten: false };
    entries.set(name, entry);
    return entry;
  }

  return {
    take(name, { limit, windowSeconds }) {
      const entry = current(name) ?? add(name, 0, windowSeconds * 1_000);
      const isTaken = entry.count < limit;
      if (isTaken) {
        entry.count += 1;
        entry.own += 1;
      }
      return { isTaken, msLeft: entry.endsAt - now() };
    },

    giveBack(name) {
      const entry = current(name);
      if (entry === undefined || entry.count === 0) return;
      entry.count -= 1;
      entry.own -= 1;
    },

    set(name, count, msLeft) {
      const entry = current(name);
      if (msLeft <= 0) entries.delete(name);
      else if (entry === undefined) add(name, count, msLeft);
      else {
        entry.count = count;
        entry.endsAt = now() + msLeft;
      }
    },

    tell(name) {
      const entry = current(name);
      if (entry === undefined || (entry.own === 0 && !entry.isForgotten)) return undefined;
      const untold = { own: entry.own, count: entry.count, msLeft: entry.endsAt - now() };
      entry.own = 0;
      entry.isForgotten = false;
      return untold;
    },

    untell(name, { own }) {
      const entry = current(name);
      if (entry === undefined) return;
      entry.own += own;
      entry.isForgotten = true;
    },

    untellAll() {
      for (const entry of entries.values()) entry.isForgotten = true;
    },

    size: () => entries.size,
  };
}

/** What a limiter throws. */
export const rateLimited = ({ limit, windowSeconds }: RateLimit, msLeft: number) =>
  errors.RATE_LIMITED({ limit, window: windowSeconds, retryAfterSeconds: Math.max(1, Math.ceil(msLeft / 1_000)) });
