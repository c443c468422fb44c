import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type FeedEntry, feedPage, planFeed } from './feed.ts';

const entry = (version: number): FeedEntry => ({ version, kind: 'block.added', payload: {}, at: new Date(version) });
const range = (from: number, to: number): number[] => Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index);

/** A feed of which the first entries are trimmed, asked as a client asks it. */
function ask({ trimmed = 0, current }: { trimmed?: number; current: number }, held: number | undefined, limit: number, restored = false) {
  const { after, most } = planFeed(held, limit, restored);
  const entries = range(trimmed + 1, current)
    .filter((version) => version > after)
    .slice(0, most)
    .map(entry);
  const page = feedPage(held, limit, restored, { current, entries });
  return { ...page, events: page.events.map(({ version }) => version) };
}

describe('a page of a feed', () => {
  it('tells the version alone to those who hold none', () => {
    expect(ask({ current: 7 }, undefined, 10)).toEqual({ version: 7, events: [], hasMore: false, reset: false });
  });

  it('goes on from the version held, as far as there is room', () => {
    expect(ask({ current: 7 }, 4, 10)).toEqual({ version: 7, events: [5, 6, 7], hasMore: false, reset: false });
    expect(ask({ current: 7 }, 4, 2)).toEqual({ version: 6, events: [5, 6], hasMore: true, reset: false });
    expect(ask({ current: 7 }, 4, 3)).toEqual({ version: 7, events: [5, 6, 7], hasMore: false, reset: false });
    expect(ask({ current: 7 }, 7, 3)).toEqual({ version: 7, events: [], hasMore: false, reset: false });
  });

  it.each([
    ['was never given', { current: 7 }, 8, false],
    ['is of another life of the database', { current: 7 }, 7, true],
    ['is followed by an entry that was trimmed', { trimmed: 5, current: 7 }, 4, false],
    ['is followed by nothing that is left', { trimmed: 7, current: 7 }, 4, false],
  ])('starts anew where the version held %s', (_, feed, held, restored) => {
    expect(ask(feed, held, 10, restored)).toEqual({ version: 7, events: [], hasMore: false, reset: true });
  });

  it('goes on after the last entry that was trimmed', () => {
    expect(ask({ trimmed: 5, current: 7 }, 5, 10)).toMatchObject({ events: [6, 7], reset: false });
  });

  it('brings every entry once, in order, however small the pages', () => {
    fc.assert(
      fc.property(fc.nat({ max: 30 }), fc.nat({ max: 30 }), fc.integer({ min: 1, max: 7 }), (current, start, limit) => {
        const first = Math.min(start, current);
        const seen: number[] = [];
        let held = first;
        for (let more = true; more; ) {
          const page = ask({ current }, held, limit);
          expect([page.reset, page.events.length <= limit]).toEqual([false, true]);
          seen.push(...page.events);
          ({ version: held, hasMore: more } = page);
        }
        expect([held, seen]).toEqual([current, range(first + 1, current)]);
      }),
    );
  });
});
