import { describe, expect, it } from 'vitest';
import { createTracker, type Line, type Missed } from './tracker.ts';

const line = (seq: number): Line => ({ seq, senderId: 'bob', content: `message ${seq}`, createdAt: '2026-01-01T00:00:00.000Z' });

/** A conversation in which message n took version n + 1: version 1 is its creation. */
function conversation({ version = 1, posted = 0, page = 100 } = {}) {
  let last = posted;
  const shown: number[] = [];
  const asked: number[] = [];
  const tracker = createTracker({
    version,
    shown: [],
    show: ({ seq }) => void shown.push(seq),
    async sync(from): Promise<Missed> {
      asked.push(from);
      const messages = Array.from({ length: last }, (_, index) => line(index + 1)).filter(({ seq }) => seq + 1 > from);
      const answered = messages.slice(0, page);
      return {
        version: (answered.at(-1)?.seq ?? from - 1) + 1,
        messages: answered.toReversed(),
        hasMore: answered.length < messages.length,
      };
    },
  });
  return {
    tracker,
    shown,
    asked,
    post: (seq: number) => (last = Math.max(last, seq)),
    event: (seq: number) => ({ version: seq + 1, message: line(seq) }),
  };
}

describe('the tracker', () => {
  it('shows what comes in order, and asks for nothing', async () => {
    const { tracker, shown, asked, event } = conversation();
    for (const seq of [1, 2, 3]) await tracker.receive(event(seq));
    expect(shown).toEqual([1, 2, 3]);
    expect(asked).toEqual([]);
  });

  it('counts events that show nothing', async () => {
    const { tracker, shown, asked, event } = conversation();
    await tracker.receive({ version: 2 });
    await tracker.receive(event(2));
    expect(shown).toEqual([2]);
    expect(asked).toEqual([]);
  });

  it('ignores what it has', async () => {
    const { tracker, shown, event } = conversation();
    for (const seq of [1, 2, 1, 2]) await tracker.receive(event(seq));
    expect(shown).toEqual([1, 2]);
  });

  it('fills a gap before it shows what lies behind it', async () => {
    const { tracker, shown, asked, post, event } = conversation();
    await tracker.receive(event(1));
    post(4);
    await tracker.receive(event(4));
    expect(shown).toEqual([1, 2, 3, 4]);
    expect(asked).toEqual([2]);
  });

  it('puts late events in order', async () => {
    const { tracker, shown, post, event } = conversation();
    post(3);
    await Promise.all([3, 1, 2].map((seq) => tracker.receive(event(seq))));
    expect(shown).toEqual([1, 2, 3]);
  });

  it('asks on until it has everything', async () => {
    const { tracker, shown, asked } = conversation({ posted: 7, page: 3 });
    await tracker.catchUp();
    expect(shown).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(asked).toHaveLength(3);
    expect(tracker.version).toBe(8);
  });

  it('lets an event wait while pages are to come: what it changed may be on one of them', async () => {
    const shown: number[] = [];
    const asked: number[] = [];
    const { promise: tried, resolve: trying } = Promise.withResolvers<void>();
    const tracker = createTracker({
      version: 1,
      shown: [],
      show: ({ seq }) => void shown.push(seq),
      async sync(from): Promise<Missed> {
        asked.push(from);
        await tried;
        // Message 1 took version 2, and 4 by a reaction; message 2 took version 3.
        const rows = [
          { version: 3, message: line(2) },
          { version: 4, message: line(1) },
        ].filter(({ version }) => version > from);
        return { version: rows[0]?.version ?? 4, messages: rows.slice(0, 1).map(({ message }) => message), hasMore: rows.length > 1 };
      },
    });
    const caughtUp = tracker.catchUp();
    const received = tracker.receive({ version: 4 });
    trying();
    await Promise.all([caughtUp, received]);
    expect(shown).toEqual([2, 1]);
    expect(asked).toEqual([1, 3]);
    expect(tracker.version).toBe(4);
  });

  it('shows nothing twice when it catches up over what it received meanwhile', async () => {
    const { tracker, shown, post, event } = conversation({ posted: 2 });
    const caughtUp = tracker.catchUp();
    post(3);
    await Promise.all([tracker.receive(event(3)), caughtUp]);
    expect(shown).toEqual([1, 2, 3]);
  });
});
