import type { Comparison } from './heads.ts';

/** Events were lost, and people wait for them. */
const RECOVERED_SPREAD_MS = 1_500;

export type Pace = Readonly<{
  /** Period over which the announcements of the run that is under way are spread, in milliseconds. */
  spreadMs: () => number;
  of: (compare: Comparison) => Comparison;
  /** The next run is urgent, and one that is under way and is not ends early, so that the next does not wait for it. */
  hurry: () => void;
}>;

/**
 * How fast a recurring comparison announces: over a sixth of the interval of heads, and over 1.5 s at most when it is urgent. An urgent run always
 * comes to its end, however often the bus is interrupted meanwhile.
 */
export function createPace(everyMs: number): Pace {
  const relaxedMs = everyMs / 6;
  let isUrgent = false;
  /** Ends the run that is under way, unless that is urgent. */
  let relaxed: AbortController | undefined;
  return {
    spreadMs: () => (relaxed === undefined ? Math.min(RECOVERED_SPREAD_MS, relaxedMs) : relaxedMs),
    of: (compare) => async (stopping) => {
      relaxed = isUrgent ? undefined : new AbortController();
      isUrgent = false;
      await compare(relaxed === undefined ? stopping : AbortSignal.any([stopping, relaxed.signal]));
    },
    hurry() {
      isUrgent = true;
      relaxed?.abort();
    },
  };
}
