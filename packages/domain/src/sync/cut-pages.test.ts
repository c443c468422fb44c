import { describe, expect, it } from 'vitest';
import { asId } from '../kernel/ids.ts';
import { limits } from '../kernel/limits.ts';
import { cutPages } from './cut-pages.ts';
import type { PagePlan } from './pages.ts';

const id = asId<'conversation'>('holidays');

describe('a page', () => {
  type Row = Readonly<{ message: { seq: number; version: number } } | { view: { member: { version: number } } } | { mark: string }>;
  const message = (version: number, seq = version): Row => ({ message: { seq, version } });
  const member = (version: number): Row => ({ view: { member: { version } } });
  const marks = (count: number): Row[] => Array.from({ length: count }, (_, index) => ({ mark: `m${index}` }));
  const all = { from: -1, of: 'everyone', isDue: true, most: 10 } as const;
  const planOf = (rows: number, fetched: Partial<PagePlan>): PagePlan => ({
    id,
    kind: 'changes',
    from: 1,
    rows,
    floor: 0,
    messages: rows + 1,
    members: 100,
    receipts: all,
    ...fetched,
  });
  const rowsOf = (changes: readonly Row[]) => ({
    messages: changes.flatMap((row) => ('message' in row ? [row.message] : [])),
    members: changes.flatMap((row) => ('view' in row ? [row.view] : [])),
    receipts: changes.flatMap((row) => ('mark' in row ? [row.mark] : [])),
  });

  type Part = Readonly<{ plan: PagePlan; rows: readonly Row[]; current: number }>;
  /** The pages of one answer; every row is of this many bytes. */
  const answer = (parts: readonly Part[], limit = 1_000, bytes = 1) => {
    const named = parts.map((part, index) => ({ ...part, id: asId<'conversation'>(`conversation ${index}`) }));
    const pages = cutPages(
      new Map(named.map((part) => [part.id, { ...part.plan, id: part.id }])),
      new Map(named.map((part) => [part.id, rowsOf(part.rows)])),
      new Map(named.map((part) => [part.id, { conversation: { version: part.current, receiptsVersion: 7 } }])),
      limit,
      { message: () => bytes, member: () => bytes, receipt: bytes, fields: () => 0 },
    );
    return named.map((part) => pages.get(part.id) ?? expect.fail('no page'));
  };

  const cut = (rows: number, changes: readonly Row[], current: number, fetched: Partial<PagePlan> = {}) => {
    const [page = expect.fail('no page')] = answer([{ plan: planOf(rows, fetched), rows: changes, current }]);
    expect([page.reset, page.hasMore, page.receiptsVersion]).toEqual([false, page.version < current, 7]);
    return {
      version: page.version,
      messages: page.messages.map(({ seq }) => seq),
      members: page.members.map((view) => view.member.version),
    };
  };

  it('that holds all there is ends with the current version, though nothing visible has it', () => {
    expect(cut(5, [message(2), member(4)], 6)).toEqual({ version: 6, messages: [2], members: [4] });
  });

  it('ends with the last version for which there is room', () => {
    expect(cut(2, [message(2), member(3), message(4)], 4)).toEqual({ version: 3, messages: [2], members: [3] });
  });

  it('takes all rows of its last version', () => {
    expect(cut(2, [message(2), message(3, 3), message(3, 1), member(3), message(4)], 4, { messages: 10, members: 10 })).toEqual({
      version: 3,
      messages: [2, 3, 1],
      members: [3],
    });
  });

  it('ends before a version whose messages may go on beyond what was fetched', () => {
    expect(cut(5, [message(2), message(3, 3), message(3, 4)], 9, { messages: 3, members: 10 })).toEqual({
      version: 2,
      messages: [2],
      members: [],
    });
  });

  it('ends before a version whose members may go on beyond what was fetched', () => {
    expect(cut(5, [member(2), member(3), message(4)], 9, { messages: 10, members: 2 })).toEqual({ version: 2, messages: [], members: [2] });
  });

  it('whose members are not inlined is complete without them', () => {
    expect(cut(5, [message(2)], 4, { messages: 6, members: 0 })).toEqual({ version: 4, messages: [2], members: [] });
  });

  it('looks at no order that its rows came in', () => {
    const fetched = { messages: 3, members: 3 };
    expect(cut(9, [member(4), member(3), member(2)], 9, fetched)).toMatchObject({ version: 3, members: [3, 2] });
    expect(cut(9, [message(4), message(3), message(2)], 9, fetched)).toMatchObject({ version: 3, messages: [2, 3] });
  });

  it('for which there is no room at all stays where it was', () => {
    expect(cut(0, [], 9)).toEqual({ version: 1, messages: [], members: [] });
  });

  it('of a window is in the order of the conversation and of this moment', () => {
    const plan = planOf(3, { messages: 3, members: 200, kind: 'window', from: 0 });
    expect(answer([{ plan, rows: [message(9, 2), message(4, 1), member(1), ...marks(1)], current: 9 }])).toEqual([
      {
        version: 9,
        receiptsVersion: 7,
        messages: [
          { seq: 1, version: 4 },
          { seq: 2, version: 9 },
        ],
        members: [{ member: { version: 1 } }],
        receipts: ['m0'],
        reset: true,
        hasMore: false,
      },
    ]);
  });

  describe('has room', () => {
    const counted = (pages: ReturnType<typeof answer>) =>
      pages.map(({ messages, members, receipts, hasMore }) => [messages.length, members.length, receipts.length, hasMore]);
    const changes = (rows: readonly Row[], current: number): Part => ({ plan: planOf(5, {}), rows, current });
    const window = (rows: readonly Row[]): Part => ({ plan: planOf(5, { kind: 'window', from: 0 }), rows, current: 9 });
    const held = { from: 7, of: 'everyone', isDue: false, most: 0 } as const;

    it('for messages, members and marks together, of all conversations', () => {
      const part = changes([message(2), member(3), ...marks(2)], 3);
      expect(counted(answer([part, part, part], 12))).toEqual(Array.from({ length: 3 }, () => [1, 1, 2, false]));
      const pages = answer([part, part, part], 5);
      expect(counted(pages)).toEqual([
        [1, 1, 2, false],
        [1, 0, 0, true],
        [0, 0, 0, true],
      ]);
      expect(pages.map(({ version, receiptsVersion }) => [version, receiptsVersion])).toEqual([
        [3, 7],
        [2, 0],
        [1, 0],
      ]);
    });

    it('for marks that moved after those held, or goes on from there', () => {
      const part: Part = {
        plan: planOf(0, { from: 9, receipts: { from: 4, of: 'everyone', isDue: true, most: 3 } }),
        rows: marks(3),
        current: 9,
      };
      const pages = answer([part, part], 5);
      expect(counted(pages)).toEqual([
        [0, 0, 3, false],
        [0, 0, 0, true],
      ]);
      expect(pages.map(({ receiptsVersion }) => receiptsVersion)).toEqual([7, 4]);
    });

    it('for a whole window, or for none of it, which is asked for again', () => {
      const part = window([message(2), member(3), ...marks(2)]);
      const pages = answer([part, part], 7);
      expect(counted(pages)).toEqual([
        [1, 1, 2, false],
        [0, 0, 0, true],
      ]);
      expect(pages.map(({ version, receiptsVersion, reset }) => [version, receiptsVersion, reset])).toEqual([
        [9, 7, true],
        [0, 0, true],
      ]);
      expect(counted(answer([{ plan: planOf(0, { kind: 'window', from: 0, messages: 0 }), rows: [], current: 9 }]))).toEqual([
        [0, 0, 0, true],
      ]);
    });

    it('for the first version, or the first window, however large', () => {
      expect(counted(answer([changes([message(2), member(2), member(2), message(3)], 3)], 1))).toEqual([[1, 2, 0, true]]);
      expect(counted(answer([window([message(2), member(3), ...marks(2)]), changes([message(2)], 2)], 1))).toEqual([
        [1, 1, 2, false],
        [0, 0, 0, true],
      ]);
      const nothing: Part = { plan: planOf(0, { from: 9, receipts: held }), rows: [], current: 9 };
      expect(counted(answer([nothing, window([message(2), member(3)])], 1))).toEqual([
        [0, 0, 0, false],
        [1, 1, 0, false],
      ]);
    });

    it('for about so many bytes, whatever the number of rows; a window by itself begins later then', () => {
      const half = limits.sync.bytes / 2;
      const part: Part = { plan: planOf(5, { receipts: held }), rows: [message(2), message(3), message(4)], current: 4 };
      expect(counted(answer([part, part], 1_000, half))).toEqual([
        [2, 0, 0, true],
        [0, 0, 0, true],
      ]);
      const [page] = answer([window([message(2), message(3), message(4), member(1)])], 1_000, half);
      expect(page?.messages.map(({ seq }) => seq)).toEqual([3, 4]);
    });

    it('and leads to all there is, however small the answers', () => {
      const rows = [message(2), message(3), member(3), member(4), member(4), message(6), ...marks(3)];
      for (let limit = 1; limit <= 10; limit += 1) {
        let [from, receipts] = [1, 0];
        const seen: unknown[] = [];
        for (let round = 0, more = true; more; round += 1) {
          if (round > 20) throw new Error('does not come to an end');
          const due = receipts === 7 ? held : ({ from: receipts, of: 'everyone', isDue: true, most: 3 } as const);
          const left = rows.filter((row) =>
            'mark' in row ? due.most > 0 : ('message' in row ? row.message : row.view.member).version > from,
          );
          const plan = planOf(Math.min(limit, 6 - from), { from, receipts: due, ...(from === 6 ? { messages: 0, members: 0 } : {}) });
          const [page = expect.fail('no page')] = answer([{ plan, rows: left, current: 6 }], limit);
          seen.push(...page.messages, ...page.members, ...page.receipts);
          ({ version: from, receiptsVersion: receipts, hasMore: more } = page);
        }
        expect([from, receipts, seen.length]).toEqual([6, 7, rows.length]);
      }
    });
  });
});
