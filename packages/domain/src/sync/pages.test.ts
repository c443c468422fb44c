import { describe, expect, it } from 'vitest';
import { defaultSettings } from '../conversations/conversation.ts';
import { asId, type ConversationId } from '../kernel/ids.ts';
import { limits } from '../kernel/limits.ts';
import { type Held, type PagePlan, planPages, type Synced } from './pages.ts';

const id = asId<'conversation'>('holidays');

type Given = Readonly<{
  held: number | undefined;
  current: number;
  /** History begins with the joining, which took this version. */
  joined?: number;
  floor?: number;
  size?: number;
  receipts?: readonly [held: number | undefined, current: number];
  trimmed?: number;
}>;

/** The plans for conversations named in this order. */
function plan(given: readonly Given[], limit: number, restored = false): readonly PagePlan[] {
  const ids = given.map((_, index) => asId<'conversation'>(`conversation ${index}`));
  const idOf = (index: number) => ids[index] as ConversationId;
  const held = given.map((each, index): Held => ({ id: idOf(index), version: each.held, receiptsVersion: each.receipts?.[0] }));
  const synced = given.map(({ current, joined, floor = 0, size = 2, receipts, trimmed = 0 }, index): [ConversationId, Synced] => {
    const settings = { ...defaultSettings, history: joined === undefined ? 'all' : 'joined' } as const;
    const [version, receiptsVersion] = [current, receipts?.[1] ?? 0];
    const conversation = { id: idOf(index), version, receiptsVersion, memberCount: size, settings, trimmedVersion: trimmed };
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

  it('begins anew for who was last there before messages were trimmed', () => {
    const given = (held: number): Given => ({ held, current: 9, trimmed: 7 });
    expect(kinds(plan([given(6), given(7), given(8)], 100))).toEqual([
      ['window', 0, 50],
      ['changes', 7, 2],
      ['changes', 8, 1],
    ]);
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

  it('reads nothing of those for which an answer can hardly have room, and something of the first', () => {
    const read = (given: Given, limit = 10) =>
      plan(
        Array.from({ length: 12 }, () => given),
        limit,
      ).map(({ messages, members, receipts }) => messages + members + receipts.most > 0);
    const first = (count: number) => Array.from({ length: 12 }, (_, index) => index < count);
    expect(read({ ...pending(undefined, 5), size: 200, receipts: [undefined, 3] })).toEqual(first(2));
    expect(read({ ...pending(undefined, 5), size: 200, receipts: [undefined, 3] }, 1_000)).toEqual(first(11));
    expect(read({ ...pending(5, 5), size: 200, receipts: [2, 3] })).toEqual(first(5));
    expect(read({ ...pending(5, 5), size: 200, receipts: [3, 3] })).toEqual(first(0));
    expect(read({ ...pending(5, 5), size: 200, receipts: [undefined, 3] })).toEqual(first(0));
    expect(read({ ...pending(undefined, 5), size: 3, receipts: [undefined, 3] })).toEqual(first(12));
  });

  describe('reads the marks', () => {
    const receipts = (given: Partial<Given>, restored = false) => plan([{ held: 5, current: 5, ...given }], 10, restored)[0]?.receipts;

    it('of everyone where they are shown one by one, else those of the viewer', () => {
      expect(receipts({ size: limits.individualReceipts })?.of).toBe('everyone');
      expect(receipts({ size: limits.individualReceipts + 1 })?.of).toBe('viewer');
    });

    it('that moved since the version held', () => {
      expect(receipts({ receipts: [3, 4] })).toEqual({ from: 3, of: 'everyone', isDue: true, most: 2 });
      expect(receipts({ receipts: [3, 4], size: limits.individualReceipts + 1 })).toMatchObject({ from: 3, most: 1 });
      expect(receipts({ receipts: [4, 4] })).toMatchObject({ from: 4, isDue: false, most: 0 });
    });

    it('of nobody beside changes where no version is held', () => {
      expect(receipts({ receipts: [undefined, 4] })).toMatchObject({ from: -1, isDue: false, most: 0 });
    });

    it('all of them with a version that never was, and with a window', () => {
      expect(receipts({ receipts: [5, 4] })).toMatchObject({ from: -1, isDue: true, most: 2 });
      expect(receipts({ receipts: [undefined, 0], held: undefined })).toMatchObject({ from: -1, isDue: true, most: 2 });
      expect(receipts({ receipts: [3, 4], held: undefined })?.from).toBe(-1);
      expect(receipts({ receipts: [3, 4], held: 6 })?.from).toBe(-1);
      expect(receipts({ receipts: [3, 4] }, true)?.from).toBe(-1);
    });
  });
});
