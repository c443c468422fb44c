import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asId, type UserId } from '../kernel/ids.ts';
import { limits } from '../kernel/limits.ts';
import { type Admission, Conversation, defaultSettings, type Member } from './conversation.ts';
import type { MemberRole } from './permissions.ts';

const noon = new Date('2026-01-15T12:00:00.000Z');
const later = new Date('2026-01-15T13:00:00.000Z');
const [alice, bob, carol, dan] = ['alice', 'bob', 'carol', 'dan'].map((name) => asId<'user'>(name)) as [UserId, UserId, UserId, UserId];

const group = (memberIds: readonly UserId[] = [bob], more: { settings?: { history: 'joined' } } = {}): Admission =>
  Conversation.createGroup({
    accountId: asId('account'),
    id: asId('conversation'),
    createdBy: alice,
    now: noon,
    title: 'Holidays',
    visibility: 'private',
    memberIds,
    ...more,
  });
const direct = (peerId: UserId = bob): Admission =>
  Conversation.openDirect({ accountId: asId('account'), id: asId('conversation'), createdBy: alice, now: noon, peerId });

const memberOf = ({ members }: Admission, userId: UserId): Member => {
  const member = members.find((candidate) => candidate.userId === userId);
  if (member === undefined) throw new Error(`${userId} is no member`);
  return member;
};
const as = (member: Member, role: MemberRole): Member => ({ ...member, role });
const gone = (member: Member): Member => ({ ...member, leftAt: noon });
const failing = (code: string, details?: unknown) =>
  expect.objectContaining(details === undefined ? { code } : { code, details: expect.objectContaining(details as object) });

describe('a new group', () => {
  it('begins at version 1 with its creator as owner and everybody else a member, once', () => {
    const { conversation, members } = group([bob, alice, bob, carol]);
    expect(conversation).toMatchObject({ type: 'group', version: 1, accessVersion: 1, lastSeq: 0, countable: 0, memberCount: 3 });
    expect(members.map(({ userId, role, version }) => [userId, role, version])).toEqual([
      [alice, 'owner', 1],
      [bob, 'member', 1],
      [carol, 'member', 1],
    ]);
  });

  it('shows all of its history unless told otherwise', () => {
    expect(group().conversation.settings).toEqual(defaultSettings);
    expect(group([], { settings: { history: 'joined' } }).conversation.settings).toEqual({ ...defaultSettings, history: 'joined' });
  });

  it('may be a group of one', () => {
    expect(group([]).conversation.memberCount).toBe(1);
  });
});

describe('a new direct conversation', () => {
  it('has two equal people', () => {
    const { conversation, members } = direct();
    expect(conversation).toMatchObject({ type: 'direct', memberCount: 2, version: 1 });
    expect(members.map(({ userId, role }) => [userId, role])).toEqual([
      [alice, 'member'],
      [bob, 'member'],
    ]);
  });

  it('needs someone else', () => {
    expect(() => direct(alice)).toThrow(failing('VALIDATION_FAILED'));
  });

  it('takes nobody in, throws nobody out and lets nobody go', () => {
    const admission = direct();
    const [one, other] = [memberOf(admission, alice), memberOf(admission, bob)];
    expect(() => Conversation.admit(admission.conversation, one, [carol], [], limits.groupMembers, later)).toThrow(failing('FORBIDDEN'));
    expect(() => Conversation.remove(admission.conversation, one, other, 0, later)).toThrow(failing('FORBIDDEN'));
    expect(() => Conversation.leave(admission.conversation, one, 0, later)).toThrow(failing('FORBIDDEN'));
  });
});

describe('membership', () => {
  it('that ended, or never was, hides that there is a conversation', () => {
    const admission = group();
    for (const nobody of [undefined, gone(memberOf(admission, bob))]) {
      expect(() => Conversation.requireMember(nobody)).toThrow(failing('CONVERSATION_NOT_FOUND'));
      expect(() => Conversation.admit(admission.conversation, nobody, [carol], [], limits.groupMembers, later)).toThrow(
        failing('CONVERSATION_NOT_FOUND'),
      );
      expect(() => Conversation.leave(admission.conversation, nobody, 1, later)).toThrow(failing('CONVERSATION_NOT_FOUND'));
      expect(() => Conversation.remove(admission.conversation, nobody, memberOf(admission, alice), 1, later)).toThrow(
        failing('CONVERSATION_NOT_FOUND'),
      );
    }
  });

  it('is answered as it is where it holds', () => {
    const member = memberOf(group(), bob);
    expect(Conversation.requireMember(member)).toBe(member);
    expect(Conversation.requirePermission(group().conversation, member, 'post')).toBe(member);
  });
});

describe('admitting', () => {
  const busy = { ...group().conversation, lastSeq: 7, version: 9, accessVersion: 1, countable: 6 };
  const owner = memberOf(group(), alice);

  it('gives each person a version of their own, and everything so far as read', () => {
    const { conversation, members } = Conversation.admit(busy, owner, [carol, dan], [], limits.groupMembers, later);
    expect(
      members.map(({ userId, role, version, joinedSeq, readSeq, deliveredSeq }) => ({
        userId,
        role,
        version,
        joinedSeq,
        readSeq,
        deliveredSeq,
      })),
    ).toEqual([
      { userId: carol, role: 'member', version: 10, joinedSeq: 7, readSeq: 7, deliveredSeq: 7 },
      { userId: dan, role: 'member', version: 11, joinedSeq: 7, readSeq: 7, deliveredSeq: 7 },
    ]);
    expect(conversation).toMatchObject({ version: 11, accessVersion: 2, memberCount: 4, lastSeq: 7 });
  });

  it('counts someone named twice once', () => {
    const { conversation, members } = Conversation.admit(busy, owner, [carol, carol], [], limits.groupMembers, later);
    expect([members.length, conversation.memberCount, conversation.version]).toEqual([1, 3, 10]);
  });

  it('refuses those who are members already, and names them', () => {
    const former = [owner, memberOf(group(), bob)];
    expect(() => Conversation.admit(busy, owner, [bob, carol], former, limits.groupMembers, later)).toThrow(
      failing('ALREADY_MEMBER', { userIds: [bob] }),
    );
  });

  it('takes back those who left, as plain members from now on', () => {
    const former = [owner, gone(as(memberOf(group(), bob), 'admin'))];
    const { members } = Conversation.admit(busy, owner, [bob], former, limits.groupMembers, later);
    expect(members).toMatchObject([{ userId: bob, role: 'member', leftAt: undefined, joinedAt: later, joinedSeq: 7, version: 10 }]);
  });

  it('fills a conversation to the last place and not beyond', () => {
    const nearly = { ...busy, memberCount: limits.groupMembers - 1 };
    expect(Conversation.admit(nearly, owner, [carol], [], limits.groupMembers, later).conversation.memberCount).toBe(limits.groupMembers);
    expect(() => Conversation.admit(nearly, owner, [carol, dan], [], limits.groupMembers, later)).toThrow(
      failing('CONVERSATION_FULL', { limit: limits.groupMembers }),
    );
  });

  it('is not for plain members', () => {
    expect(() => Conversation.admit(busy, as(owner, 'member'), [carol], [], limits.groupMembers, later)).toThrow(
      failing('FORBIDDEN', { action: 'addMember' }),
    );
  });
});

describe('leaving', () => {
  const { conversation, members } = group([bob, carol]);
  const [owner, member] = members as [Member, Member];

  it('ends the membership with a version of its own', () => {
    const departure = Conversation.leave(conversation, member, 1, later);
    expect(departure.conversation).toMatchObject({ version: 2, accessVersion: 2, memberCount: 2 });
    expect(departure).toMatchObject({ reason: 'left', member: { userId: bob, leftAt: later, version: 2 } });
  });

  it('is refused to the last owner while others are there', () => {
    expect(() => Conversation.leave(conversation, owner, 1, later)).toThrow(failing('LAST_OWNER'));
  });

  it('is open to an owner with a successor, and to the last person of all', () => {
    expect(Conversation.leave(conversation, owner, 2, later).conversation.memberCount).toBe(2);
    expect(Conversation.leave({ ...conversation, memberCount: 1 }, owner, 1, later).conversation.memberCount).toBe(0);
  });
});

describe('removing', () => {
  const { conversation, members } = group([bob, carol]);
  const [owner, target] = members as [Member, Member];
  const actor = as({ ...owner, userId: dan }, 'admin');

  it('ends the membership of another', () => {
    const departure = Conversation.remove(conversation, owner, target, 1, later);
    expect(departure).toMatchObject({
      reason: 'removed',
      member: { userId: bob, leftAt: later, version: 2 },
      conversation: { accessVersion: 2 },
    });
  });

  const attempt = (by: MemberRole, of: MemberRole) => () => Conversation.remove(conversation, as(actor, by), as(target, of), 2, later);

  it.each<[MemberRole, MemberRole]>([
    ['owner', 'owner'],
    ['admin', 'moderator'],
    ['admin', 'member'],
    ['moderator', 'member'],
  ])('by %s of %s is allowed', (by, of) => {
    expect(attempt(by, of)().reason).toBe('removed');
  });

  it.each<[MemberRole, MemberRole]>([
    ['admin', 'admin'],
    ['admin', 'owner'],
    ['moderator', 'moderator'],
    ['moderator', 'admin'],
  ])('by %s of %s is refused', (by, of) => {
    expect(attempt(by, of)).toThrow(failing('FORBIDDEN', { action: 'removeMember', role: of }));
  });

  it('is not for plain members', () => {
    expect(() => Conversation.remove(conversation, as(actor, 'member'), target, 1, later)).toThrow(
      failing('FORBIDDEN', { action: 'removeMember' }),
    );
  });

  it('finds nobody where there is no member', () => {
    for (const nobody of [undefined, gone(target)])
      expect(() => Conversation.remove(conversation, owner, nobody, 1, later)).toThrow(failing('NOT_FOUND', { what: 'member' }));
  });

  it('of oneself is leaving, with the rule of the last owner', () => {
    expect(() => Conversation.remove(conversation, owner, owner, 1, later)).toThrow(failing('LAST_OWNER'));
    for (const role of ['admin', 'moderator', 'member'] as const) {
      const oneself = as(target, role);
      expect(Conversation.remove(conversation, oneself, oneself, 1, later).reason).toBe('left');
    }
  });
});

describe('what a member sees of the past', () => {
  it('is everything, or what came after they joined', () => {
    expect(Conversation.visibleFrom({ settings: { ...defaultSettings, history: 'all' }, firstSeq: 1 }, 41)).toBe(1);
    expect(Conversation.visibleFrom({ settings: { ...defaultSettings, history: 'joined' }, firstSeq: 7 }, 41)).toBe(42);
  });
});

describe('any sequence of joinings and departures', () => {
  const people = [bob, carol, dan, ...Array.from({ length: 3 }, (_, i) => asId<'user'>(`person ${i}`))];
  const step = fc.record({ join: fc.boolean(), who: fc.subarray(people, { minLength: 1 }) });

  it('moves the version by one per person and keeps the count of members true', () => {
    const founded = group([]);
    const owner = memberOf(founded, alice);
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        const rows = new Map(founded.members.map((member) => [member.userId, member]));
        const isPresent = (id: UserId) => rows.has(id) && rows.get(id)?.leftAt === undefined;
        let { conversation } = founded;
        for (const { join, who } of steps) {
          const before = conversation;
          const moving = who.filter((id) => isPresent(id) !== join);
          const changed: Member[] = [];
          if (join) {
            const admission = Conversation.admit(before, owner, moving, [...rows.values()], limits.groupMembers, later);
            changed.push(...admission.members);
            ({ conversation } = admission);
          }
          for (const id of join ? [] : moving) {
            const departure = Conversation.remove(conversation, owner, rows.get(id), 1, later);
            changed.push(departure.member);
            ({ conversation } = departure);
          }
          for (const member of changed) rows.set(member.userId, member);
          expect(changed.map(({ userId, version }) => [userId, version])).toEqual(moving.map((id, i) => [id, before.version + i + 1]));
          expect(conversation.version).toBe(before.version + moving.length);
          expect(conversation.memberCount).toBe([...rows.keys()].filter(isPresent).length);
        }
      }),
    );
  });

  it('makes every decision to post stale', () => {
    const { conversation } = group([]);
    const owner = memberOf(group([]), alice);
    const admitted = Conversation.admit(conversation, owner, [bob], [], limits.groupMembers, later);
    const removed = Conversation.remove(admitted.conversation, owner, memberOf(admitted, bob), 1, later);
    expect([conversation, admitted.conversation, removed.conversation].map(({ accessVersion }) => accessVersion)).toEqual([1, 2, 3]);
  });
});
