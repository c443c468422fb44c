import type { MemberView } from '@coucou/application/conversations/conversation-reader';
import { asId } from '@coucou/domain/kernel/ids';
import type { Message } from '@coucou/domain/messages/message';
import { describe, expect, it } from 'vitest';
import { type ChangeRow, cutPage, type PagePlan, planPages } from './sync-pages.ts';

const id = asId<'conversation'>('holidays');
const pending = (held: number | undefined, current: number, since = 0) => ({ id, held, current, floor: 0, since });

describe('the plan of an answer', () => {
  const kinds = (plans: readonly PagePlan[]) => plans.map(({ kind, from, rows }) => [kind, from, rows]);

  it('gives each what it lacks, in the order they were named, until the rows are used up', () => {
    expect(kinds(planPages([pending(2, 5), pending(7, 7), pending(0, 9), pending(1, 4)], 8))).toEqual([
      ['changes', 2, 3],
      ['changes', 7, 0],
      ['changes', 0, 5],
      ['changes', 1, 0],
    ]);
  });

  it('begins anew with nothing held, with a version that never was, and with one from before the viewer came back', () => {
    expect(kinds(planPages([pending(undefined, 5), pending(6, 5), pending(3, 5, 4), pending(4, 5, 4)], 30))).toEqual([
      ['window', 0, 10],
      ['window', 0, 10],
      ['window', 0, 10],
      ['changes', 4, 1],
    ]);
  });

  it('gives every window at least a row, and no more than a screen needs', () => {
    expect(kinds(planPages([pending(undefined, 5)], 1000))).toEqual([['window', 0, 50]]);
    expect(
      planPages(
        Array.from({ length: 10 }, () => pending(undefined, 5)),
        3,
      ).map(({ rows }) => rows),
    ).toEqual(Array.from({ length: 10 }, () => 1));
  });
});

describe('a page', () => {
  const plan = (rows: number, from = 1): PagePlan => ({ id, kind: 'changes', from, rows, floor: 0 });
  const message = (version: number, seq = version): ChangeRow => ({ version, message: { seq, version } as Message });
  const member = (version: number): ChangeRow => ({ version, member: { member: { version } } as MemberView });
  const cut = (rows: number, changes: readonly ChangeRow[], current: number, fetched = { messages: rows + 1, members: 100 }) => {
    const page = cutPage(plan(rows), changes, current, fetched);
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

  it('looks at no order that its rows came in', () => {
    const fetched = { messages: 3, members: 3 };
    expect(cut(9, [member(4), member(3), member(2)], 9, fetched)).toMatchObject({ version: 3, members: [3, 2] });
    expect(cut(9, [message(4), message(3), message(2)], 9, fetched)).toMatchObject({ version: 3, messages: [2, 3] });
  });

  it('for which there is no room at all stays where it was', () => {
    expect(cut(0, [], 9)).toEqual({ version: 1, messages: [], members: [] });
  });

  it('of a window is in the order of the conversation and of this moment', () => {
    const window = cutPage({ ...plan(3), kind: 'window' }, [message(9, 2), message(4, 1), member(1)], 9, { messages: 3, members: 200 });
    expect(window).toEqual({
      version: 9,
      messages: [
        { seq: 1, version: 4 },
        { seq: 2, version: 9 },
      ],
      members: [{ member: { version: 1 } }],
    });
  });
});
