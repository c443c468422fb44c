/** As much of a conversation's message as a screen shows. */
export type Line = Readonly<{
  seq: number;
  senderId: string;
  content?: string | undefined;
  clientMessageId?: string;
  attachments?: readonly Readonly<{ name: string; size: number; type: string }>[] | undefined;
  createdAt: string;
}>;

/** An event that changed the conversation; `message` when one was posted. */
export type Change = Readonly<{ version: number; message?: Line | undefined }>;

/** What `sync` answers for the conversation. */
export type Missed = Readonly<{ version: number; messages: readonly Line[]; hasMore: boolean }>;

export type TrackerOptions = Readonly<{
  /** The version that what is shown already is of, or newer than. */
  version: number;
  /** Messages that are shown already. */
  shown: readonly Line[];
  /** What changed after this version. */
  sync: (version: number) => Promise<Missed>;
  /** Each message once. */
  show: (line: Line) => void;
}>;

/** A larger gap triggers a sync at once. */
const MOST_HELD = 500;

/**
 * Keeps a screen equal to the conversation. Versions are gapless, so an event that is not the next one tells of others that were
 * missed, and `sync` answers those. An event that is not newer changes nothing.
 */
export function createTracker({ version: from, shown: before, sync, show }: TrackerOptions) {
  let version = from;
  const shown = new Set(before.map(({ seq }) => seq));
  let held: Change[] = [];
  let running: Promise<void> | undefined;
  let again = false;
  /** Pages are still to come, and what a change is about may be on one of them: changes wait. */
  let hasMore = false;

  function showOnce(line: Line): void {
    if (shown.has(line.seq)) return;
    shown.add(line.seq);
    show(line);
  }

  /** Those that follow without a gap. */
  function applyHeld(): void {
    if (hasMore) return;
    held = held.filter((change) => change.version > version).toSorted((a, b) => a.version - b.version);
    while (held[0]?.version === version + 1) {
      const change = held.shift();
      version += 1;
      if (change?.message !== undefined) showOnce(change.message);
    }
  }

  async function fill(): Promise<void> {
    try {
      do {
        again = false;
        const missed = await sync(version);
        for (const line of missed.messages.toSorted((a, b) => a.seq - b.seq)) showOnce(line);
        version = Math.max(version, missed.version);
        ({ hasMore } = missed);
        applyHeld();
      } while (hasMore || again);
    } finally {
      running = undefined;
    }
  }

  /** Asks for everything after what is held: after (re)connecting, and for a gap. */
  function catchUp(): Promise<void> {
    again = true;
    running ??= fill();
    return running;
  }

  return {
    get version() {
      return version;
    },
    catchUp,
    /** Resolves when the change, and what was missed before it, is shown. */
    async receive(change: Change): Promise<void> {
      if (change.version <= version) return;
      held.push(change);
      if (held.length > MOST_HELD) held.shift();
      if (running === undefined) applyHeld();
      if (held.length > 0) await (running ?? catchUp());
    },
  };
}
