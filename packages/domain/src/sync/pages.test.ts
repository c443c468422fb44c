import { describe, expect, it } from 'vitest';
import { defaultSettings } from '../conversations/conversation.ts';
import { asId, type ConversationId } from '../kernel/ids.ts';
import { limits } from '../kernel/limits.ts';
import { cutPage, type Held, type PagePlan, planPages, type Synced } from './pages.ts';

const id = asId<'conversation'>('holidays');

type Given = Readonly<{
  held: number | undefined;
  current: number;
  /** History begins with the joining, which took this version. */
  joined?: number;
  floor?: number;
  size?: number;
  receipts?: readonly [held: number | undefined, current: number];
}>;

/** The plans for conversations named in this order. */
function plan(given: readonly Given[], limit: number, restored = false): readonly PagePlan[] {
  const ids = given.map((_, index) => asId<'conversation'>(`conversation ${index}`));
  const idOf = (index: number) => ids[index] as ConversationId;
  const held = given.map((each, index): Held => ({ id: idOf(index), version: each.held, receiptsVersion: each.receipts?.[0] }));
  const synced = given.map(({ current, joined, floor = 0, size = 2, receipts }, index): [ConversationId, Synced] => {
    const settings = { ...defaultSettings, history: joined === undefined ? 'all' : 'joined' } as const;
    const conversation = { id: idOf(index), version: current, receiptsVersion: receipts?.[1] ?? 0, memberCount: size, settings };
    return [idOf(index), { conversation, membership: { version: joined ?? 1 }, floor }];
  });
  const plans = planPages(held, new Map(synced), limit, restored);
  expect([...plans.keys()]).toEqual(ids);
  return [...plans.values()];
}

describe('the plan of an answer', () => {
  const kinds = (plans: readonly PagePlan[]) => plans.map(({ kind, from, rows }) => [kind, from, rows]);
  const pending = (held: number | undefined, current: number, joined?: number): Given => ({
    held,
    current,
    ...(joined === undefined ? {} : { joined }),
  });

  it('gives each what it lacks, in the order they were named, until the rows are used up', () => {
    expect(kinds(plan([pending(2, 5), pending(7, 7), pending(0, 9), pending(1, 4)], 8))).toEqual([
      ['changes', 2, 3],
      ['changes', 7, 0],
      ['changes', 0, 5],
      ['changes', 1, 0],
    ]);
  });

  it('begins anew with nothing held, with a version that never was, and with one from before the viewer came back', () => {
    expect(kinds(plan([pending(undefined, 5), pending(6, 5), pending(3, 5, 4), pending(4, 5, 4)], 30))).toEqual([
      ['window', 0, 10],
      ['window', 0, 10],
      ['window', 0, 10],
      ['changes', 4, 1],
    ]);
  });

  it('begins anew with everything that is of another life of the database', () => {
    expect(kinds(plan([pending(2, 5), pending(5, 5)], 30, true))).toEqual([
      ['window', 0, 15],
      ['window', 0, 15],
    ]);
  });

  it('gives every window at least a row, and no more than a screen needs', () => {
    expect(kinds(plan([pending(undefined, 5)], 1000))).toEqual([['window', 0, 50]]);
    expect(
      plan(
        Array.from({ length: 10 }, () => pending(undefined, 5)),
        3,
      ).map(({ rows }) => rows),
    ).toEqual(Array.from({ length: 10 }, () => 1));
  });

  it('has nothing for a conversation that the viewer is no member of', () => {
    expect(planPages([{ id, version: 1 }], new Map(), 10, false)).toEqual(new Map());
  });

  it('reads a message more than a page of changes takes, and none where it stays', () => {
    const messages = plan([pending(2, 5), pending(5, 5), pending(undefined, 9)], 100).map((each) => each.messages);
    expect(messages).toEqual([4, 0, 50]);
  });

  it('reads from the first message that the viewer may see', () => {
    expect(plan([{ held: 1, current: 5, floor: 7 }], 10)[0]?.floor).toBe(7);
  });

  it('reads members up to a number, those of one batch beyond the page among them, and none where nothing changed', () => {
    const { inlineMembers } = limits.sync;
    const members = (size: number) =>
      plan(
        [
          { ...pending(2, 5), size },
          { ...pending(undefined, 5), size },
          { ...pending(5, 5), size },
        ],
        10,
      ).map((each) => each.members);
    expect(members(inlineMembers)).toEqual([3 + limits.batch + 2, inlineMembers, 0]);
    expect(members(inlineMembers + 1)).toEqual([0, 0, 0]);
  });

  describe('reads the marks', () => {
    const receipts = (given: Partial<Given>, restored = false) => plan([{ held: 5, current: 5, ...given }], 10, restored)[0]?.receipts;

    it('of everyone where they are shown one by one, else those of the viewer', () => {
      expect(receipts({ size: limits.individualReceipts })?.of).toBe('everyone');
      expect(receipts({ size: limits.individualReceipts + 1 })?.of).toBe('viewer');
    });

    it('that moved since the version held', () => {
      expect(receipts({ receipts: [3, 4] })?.from).toBe(3);
      expect(receipts({ receipts: [4, 4] })?.from).toBe(4);
    });

    it('all of them with none held, with a version that never was, and with a window', () => {
      expect(receipts({ receipts: [undefined, 4] })?.from).toBe(-1);
      expect(receipts({ receipts: [5, 4] })?.from).toBe(-1);
      expect(receipts({ receipts: [3, 4], held: undefined })?.from).toBe(-1);
      expect(receipts({ receipts: [3, 4], held: 6 })?.from).toBe(-1);
      expect(receipts({ receipts: [3, 4] }, true)?.from).toBe(-1);
    });
  });
});

describe('a page', () => {
  type Row = Readonly<{ message: { seq: number; version: number } } | { view: { member: { version: number } } }>;
  const message = (version: number, seq = version): Row => ({ message: { seq, version } });
  const member = (version: number): Row => ({ view: { member: { version } } });
  const planOf = (rows: number, fetched: Readonly<{ messages: number; members: number }>): PagePlan => ({
    id,
    kind: 'changes',
    from: 1,
    rows,
    floor: 0,
    ...fetched,
    receipts: { from: -1, of: 'everyone' },
  });
  const rowsOf = (changes: readonly Row[]) => ({
    messages: changes.flatMap((row) => ('message' in row ? [row.message] : [])),
    members: changes.flatMap((row) => ('view' in row ? [row.view] : [])),
  });
  const cut = (rows: number, changes: readonly Row[], current: number, fetched = { messages: rows + 1, members: 100 }) => {
    const page = cutPage(planOf(rows, fetched), rowsOf(changes), current);
    expect([page.reset, page.hasMore]).toEqual([false, page.version < current]);
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
    const fetched = { messages: 3, members: 200 };
    const window = cutPage({ ...planOf(3, fetched), kind: 'window' }, rowsOf([message(9, 2), message(4, 1), member(1)]), 9);
    expect(window).toEqual({
      version: 9,
      messages: [
        { seq: 1, version: 4 },
        { seq: 2, version: 9 },
      ],
      members: [{ member: { version: 1 } }],
      reset: true,
      hasMore: false,
    });
  });
});
