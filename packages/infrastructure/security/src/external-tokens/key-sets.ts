import { LRUCache } from 'lru-cache';
import type { GuardedFetch } from '../identity-providers/provider.ts';
import { type KeySet, type KeySource, KeysUnreadable, readKeySet } from './read-key-set.ts';

/** The keys of a source as one account uses it: what another account does changes nothing about them. */
type AccountKeySource = KeySource & Readonly<{ accountId: string }>;

export type KeySets = Readonly<{
  /** Those that were read last, or read now where they are old. Throws `KeysUnreadable`. */
  current: (source: AccountKeySource) => Promise<KeySet>;
  /** For a token with a key that is not among them: the issuer may have made another. Anybody can make such tokens up. Throws as `current`. */
  renewed: (source: AccountKeySource) => Promise<KeySet>;
  /** As they are now. Throws `KeysUnreadable`. */
  read: (source: AccountKeySource) => Promise<KeySet>;
}>;

export type KeySetsOptions = Readonly<{
  /** The outbound guard. */
  fetch: GuardedFetch;
  /** Milliseconds of a clock that never goes back. */
  now?: () => number;
}>;

/** Keys are read again after this time, so an issuer that withdraws one waits as long; older ones serve on for a while when it cannot be asked. */
const FRESH_MS = 600_000;
const KEPT_MS = 3_600_000;
/** The least time between two readings: for keys that are not there, after a failure, and when somebody who administers asks. */
const UNKNOWN_KEY_MS = 30_000;
const FAILED_MS = 5_000;
const ASKED_MS = 1_000;
const MOST_SOURCES = 1_000;

type Entry = { known?: Readonly<{ set: KeySet; at: number }>; failure?: unknown; readAt: number; reading?: Promise<void> | undefined };

/** What has been read of each source. Concurrent callers share one reading. */
export function createKeySets({ fetch, now = () => performance.now() }: KeySetsOptions): KeySets {
  const entries = new LRUCache<string, Entry>({ max: MOST_SOURCES });

  function entryOf({ accountId, issuer, jwksUrl }: AccountKeySource): Entry {
    const id = JSON.stringify([accountId, issuer, jwksUrl]);
    const known = entries.get(id);
    if (known !== undefined) return known;
    const entry: Entry = { readAt: Number.NEGATIVE_INFINITY };
    entries.set(id, entry);
    return entry;
  }

  async function read(entry: Entry, source: AccountKeySource): Promise<void> {
    try {
      const set = await readKeySet(fetch, source);
      entry.known = { set, at: now() };
      entry.failure = undefined;
    } catch (error) {
      entry.failure = error;
    }
    entry.readAt = now();
    entry.reading = undefined;
  }

  /** Reads, unless that was done within so many milliseconds. */
  async function readAfter(ms: number, entry: Entry, source: AccountKeySource): Promise<void> {
    if (entry.reading === undefined && now() - entry.readAt < ms) return;
    await (entry.reading ??= read(entry, source));
  }

  function kept({ known, failure }: Entry): KeySet {
    if (known !== undefined && now() - known.at < KEPT_MS) return known.set;
    throw failure ?? new KeysUnreadable('unreachable');
  }

  /** Those that are old are not enough: what is not among them may be among the new ones. */
  const newest = (ms: number) => async (source: AccountKeySource) => {
    const entry = entryOf(source);
    await readAfter(entry.failure === undefined ? ms : Math.min(ms, FAILED_MS), entry, source);
    if (entry.failure !== undefined) throw entry.failure;
    return kept(entry);
  };

  return {
    async current(source) {
      const entry = entryOf(source);
      if (entry.known === undefined || now() - entry.known.at >= FRESH_MS) await readAfter(FAILED_MS, entry, source);
      return kept(entry);
    },
    renewed: newest(UNKNOWN_KEY_MS),
    read: newest(ASKED_MS),
  };
}
