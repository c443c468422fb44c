import type { Instant } from '../kernel/ids.ts';
import { limits } from '../kernel/limits.ts';

export type FeedEntry = Readonly<{ version: number; kind: string; payload: Readonly<Record<string, unknown>>; at: Instant }>;

/** A page of the viewer's feed: entries after the version held, in order; `version` is that of the last one. */
export type FeedPage = Readonly<{
  version: number;
  events: readonly FeedEntry[];
  hasMore: boolean;
  /** The log does not lead on from the version held: what the feed tells of has to be read anew. */
  reset: boolean;
}>;

/** Which entries to read: after this version, at most this many; one more than a page takes tells whether it goes on. */
export type FeedPlan = Readonly<{ after: number; most: number }>;

/** After every entry: what is read is the version of the feed alone. */
const END = Number.MAX_SAFE_INTEGER;

/** `held`: the version of the client's copy. `restored`: that copy is of another life of the database. */
export const planFeed = (held: number | undefined, limit: number, restored: boolean): FeedPlan => ({
  after: restored || held === undefined ? END : held,
  most: limit + 1,
});

/**
 * The page that answers `held`. Without a version held, or when the log cannot lead on from it (it was never given, its entries were
 * trimmed, the database was restored), the current version is answered and nothing else. `entries` are those of the plan, in order.
 */
export function feedPage(
  held: number | undefined,
  limit: number,
  restored: boolean,
  { current, entries }: Readonly<{ current: number; entries: readonly FeedEntry[] }>,
): FeedPage {
  if (held === undefined) return { version: current, events: [], hasMore: false, reset: false };
  const leadsOn = !restored && held <= current && (held === current || entries[0]?.version === held + 1);
  if (!leadsOn) return { version: current, events: [], hasMore: false, reset: true };
  const events = entries.slice(0, Math.min(limit, fitting(entries)));
  return { version: events.at(-1)?.version ?? current, events, hasMore: entries.length > events.length, reset: false };
}

/** How many of them, one at least, stay within the bytes that an answer may have: an entry may hold a whole draft. */
function fitting(entries: readonly FeedEntry[]): number {
  let bytes = 0;
  const beyond = entries.findIndex(({ payload }) => (bytes += JSON.stringify(payload).length) > limits.sync.bytes);
  return beyond === -1 ? entries.length : Math.max(1, beyond);
}
