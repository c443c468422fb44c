import { defaultSettings } from '@coucou/domain/conversations/conversation';
import type { ConversationType, MemberRole } from '@coucou/domain/conversations/permissions';
import { ChatError } from '@coucou/domain/kernel/errors';
import { asId } from '@coucou/domain/kernel/ids';
import type { PostingSnapshot } from '@coucou/domain/messages/message';
import type { OpenedMessage } from '@coucou/domain/messages/message-change';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Choice, Poll } from './poll.ts';

const NOW = new Date('2026-01-15T09:30:00.000Z');
const after = (seconds: number) => new Date(NOW.getTime() + seconds * 1000);

const pollOf = (more: Partial<Parameters<typeof Poll.create>[0]> = {}) =>
  Poll.create(
    {
      accountId: asId('account'),
      conversationId: asId('conversation'),
      id: asId('poll'),
      createdBy: asId('alice'),
      question: 'Where?',
      options: ['a', 'b', 'c'],
      multiple: false,
      anonymous: false,
      closesAt: undefined,
      ...more,
    },
    NOW,
  );

/** As somebody opened the poll's message; a decision reads no more of it than this. */
function openedBy(
  viewer: string,
  { role = 'member', type = 'group', ...more }: Partial<PostingSnapshot> & { role?: MemberRole; type?: ConversationType } = {},
): OpenedMessage {
  const member = { role, leftAt: undefined, postingMutedUntil: undefined };
  const snapshot = {
    type,
    settings: defaultSettings,
    accessVersion: 1,
    blocked: false,
    suspended: false,
    mutedUntil: undefined,
    ...more,
    member,
  };
  return { viewer: asId<'user'>(viewer), snapshot } as Partial<OpenedMessage> as OpenedMessage;
}

function refusal(decide: () => unknown): unknown {
  try {
    decide();
  } catch (error) {
    if (error instanceof ChatError) return [error.code, error.details];
    throw error;
  }
  return 'accepted';
}

describe('a poll', () => {
  it('gives its options ids in their order', () => {
    expect(pollOf().options).toEqual([
      { id: '1', text: 'a', votes: 0 },
      { id: '2', text: 'b', votes: 0 },
      { id: '3', text: 'c', votes: 0 },
    ]);
  });

  it.each([
    [0, false],
    [-1, false],
    [1, true],
    [366 * 86_400, true],
    [366 * 86_400 + 1, false],
  ])('that closes in %i seconds: %s', (seconds, accepted) => {
    expect(refusal(() => pollOf({ closesAt: after(seconds) })) === 'accepted').toBe(accepted);
  });

  it('shows no time that it has none of, and is closed when it was closed, not when its time has come', () => {
    expect(Poll.shown(pollOf())).toEqual({
      question: 'Where?',
      options: pollOf().options,
      multiple: false,
      anonymous: false,
      closed: false,
    });
    const due = pollOf({ closesAt: after(1) });
    expect(Poll.shown(due)).toMatchObject({ closesAt: after(1).toISOString(), closed: false });
    expect(Poll.shown(Poll.closeDue(due, after(2)) ?? due)).toMatchObject({ closed: true });
  });
});

describe('a vote', () => {
  const vote = (poll: Poll, former: Choice, chosen: Choice, now = NOW, opened = openedBy('bob')) =>
    Poll.vote(opened, poll, former, chosen, now);

  it('takes the place of the former one', () => {
    const first = vote(pollOf(), [], ['2']);
    expect(first).toMatchObject({ choice: ['2'], added: ['2'], removed: [] });
    const second = vote(first?.poll ?? pollOf(), ['2'], ['3']);
    expect(second?.poll.options.map(({ votes }) => votes)).toEqual([0, 0, 1]);
    expect(vote(second?.poll ?? pollOf(), ['3'], [])).toMatchObject({ choice: [], added: [], removed: ['3'] });
  });

  it('that changes nothing is none', () => {
    expect(vote(pollOf(), ['2'], ['2'])).toBeUndefined();
    expect(vote(pollOf(), [], [])).toBeUndefined();
    expect(vote(pollOf({ multiple: true }), ['1', '2'], ['2', '1', '1'])).toBeUndefined();
  });

  it('is for options of this poll, and for one unless it takes several', () => {
    expect(refusal(() => vote(pollOf(), [], ['4']))).toEqual(['POLL_CHOICE_INVALID', { unknown: ['4'] }]);
    expect(refusal(() => vote(pollOf(), [], ['1', '2']))).toEqual(['POLL_CHOICE_INVALID', { limit: 1 }]);
    expect(vote(pollOf({ multiple: true }), [], ['3', '1'])).toMatchObject({ choice: ['1', '3'] });
  });

  it('is too late when the poll is closed, and from the moment at which it closes', () => {
    const due = pollOf({ closesAt: after(10) });
    expect(vote(due, [], ['1'], after(9.999))).toBeDefined();
    expect(refusal(() => vote(due, [], ['1'], after(10)))).toEqual(['POLL_CLOSED', {}]);
    expect(refusal(() => vote(Poll.closeDue(pollOf(), NOW) ?? pollOf(), [], ['1']))).toEqual(['POLL_CLOSED', {}]);
  });

  it('is not for those who are suspended or blocked', () => {
    expect(refusal(() => vote(pollOf(), [], ['1'], NOW, openedBy('bob', { suspended: true })))).toEqual(['USER_SUSPENDED', {}]);
    const blocked = openedBy('bob', { type: 'direct', blocked: true });
    expect(refusal(() => vote(pollOf(), [], ['1'], NOW, blocked))).toEqual(['POSTING_NOT_ALLOWED', { reason: 'unavailable' }]);
  });

  it('keeps the counts equal to what people chose, whatever they do', () => {
    const people = fc.integer({ min: 0, max: 3 });
    const chosen = fc.subarray(['1', '2', '3'] as const);
    fc.assert(
      fc.property(fc.array(fc.tuple(people, chosen)), (votes) => {
        let poll = pollOf({ multiple: true });
        const choices = new Map<number, Choice>();
        for (const [person, options] of votes) {
          const ballot = vote(poll, choices.get(person) ?? [], options);
          if (ballot === undefined) continue;
          poll = ballot.poll;
          choices.set(person, ballot.choice);
        }
        const counted = poll.options.map(({ id }) => [...choices.values()].filter((choice) => choice.includes(id)).length);
        expect(poll.options.map(({ votes: count }) => count)).toEqual(counted);
      }),
    );
  });
});

describe('closing', () => {
  it('is for whoever made it, and in groups for moderators and above', () => {
    const by = (viewer: string, role: MemberRole, type: ConversationType) =>
      refusal(() => Poll.close(openedBy(viewer, { role, type }), pollOf(), NOW)) === 'accepted';
    expect(by('alice', 'member', 'group')).toBe(true);
    expect(by('alice', 'member', 'direct')).toBe(true);
    expect(by('bob', 'member', 'direct')).toBe(false);
    expect((['member', 'moderator', 'admin', 'owner'] as const).map((role) => by('bob', role, 'group'))).toEqual([false, true, true, true]);
  });

  it('happens once, and is not for those who are suspended', () => {
    const closed = Poll.close(openedBy('alice'), pollOf(), NOW);
    expect(closed).toMatchObject({ closedAt: NOW });
    expect(Poll.close(openedBy('alice'), closed ?? pollOf(), after(1))).toBeUndefined();
    expect(Poll.closeDue(closed ?? pollOf(), after(1))).toBeUndefined();
    expect(refusal(() => Poll.close(openedBy('alice', { suspended: true }), pollOf(), NOW))).toEqual(['USER_SUSPENDED', {}]);
  });
});

it('shows voters of its own options, unless it is anonymous', () => {
  expect(refusal(() => Poll.requireVoters(pollOf(), '3'))).toBe('accepted');
  expect(refusal(() => Poll.requireVoters(pollOf(), '4'))).toEqual(['POLL_CHOICE_INVALID', { unknown: ['4'] }]);
  expect(refusal(() => Poll.requireVoters(pollOf({ anonymous: true }), '3'))).toEqual(['POLL_ANONYMOUS', {}]);
});
