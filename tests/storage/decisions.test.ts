import { Conversation, type ConversationSettings, defaultSettings } from '@coucou/domain/conversations/conversation';
import type { Membership } from '@coucou/domain/conversations/membership';
import type { MemberRole } from '@coucou/domain/conversations/permissions';
import type { AccountId, UserId } from '@coucou/domain/kernel/ids';
import { addSeconds } from '@coucou/domain/kernel/time';
import { Message, type MessageDraft, type MessageType, type PostingSnapshot } from '@coucou/domain/messages/message';
import { Suspension } from '@coucou/domain/moderation/suspension';
import { Relations } from '@coucou/domain/users/relations';
import { unreadMessages } from '@coucou/domain/receipts/unread';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPglite } from './engines.ts';
import { storageOn, type TestStorage } from './test-storage.ts';
import { createPeople, ids } from '../support/fixtures.ts';

/** What SQL decides again, against the domain's rule, on random input: what one of them changes, the other must. */

let storage: TestStorage;
let account: AccountId;
let people: readonly [UserId, UserId, UserId, UserId];
beforeAll(async () => {
  storage = storageOn(await openPglite());
  const { alice, bob, carol, dan, ...world } = await createPeople(storage.uow, 'alice', 'bob', 'carol', 'dan');
  account = world.account;
  people = [alice, bob, carol, dan];
});
afterAll(() => storage.close());

/** The value of an expression, as the role of the runtime. */
const valueOf = async <T>(expression: string, ...params: readonly unknown[]): Promise<T | undefined> =>
  (
    await storage.main.use((session) =>
      session.inAccount<{ value: T }>(account, 'read', `select ${expression} as value`, params, expression),
    )
  ).rows[0]?.value;

const throws = (decide: () => unknown): boolean => {
  try {
    decide();
    return false;
  } catch {
    return true;
  }
};

const seq = fc.nat({ max: 1_000_000 });
const history = fc.constantFrom<ConversationSettings['history']>('all', 'joined');
const role = fc.constantFrom<MemberRole>('owner', 'admin', 'moderator', 'member');
const moment = fc.date({ min: new Date('2020-01-01T00:00:00Z'), max: new Date('2040-01-01T00:00:00Z'), noInvalidDate: true });
const later = fc
  .record({ at: moment, seconds: fc.integer({ min: -5, max: 5 }) })
  .map(({ at, seconds }) => ({ at, until: addSeconds(at, seconds) }));

const message = {
  accountId: ids.next<'account'>(),
  conversationId: ids.next<'conversation'>(),
  id: ids.next<'message'>(),
  senderId: ids.next<'user'>(),
  clientMessageId: ids.next(),
  type: 'text',
  content: 'hello',
  data: {},
  parts: undefined,
  replyTo: undefined,
  threadRoot: undefined,
  mentions: [],
  mentionAll: false,
  attachments: [{ id: ids.next<'attachment'>(), name: 'a', type: 'image/png', size: 1, width: 1, height: 1, hasThumbnail: false }],
  forwarded: false,
} as const;
const noon = new Date('2026-06-01T12:00:00Z');

type Seat = { role: MemberRole; announcementsOnly: boolean; accessVersion: number };
const snapshotOf = (type: 'direct' | 'group', { role: mine, announcementsOnly, accessVersion }: Seat): PostingSnapshot => ({
  type,
  settings: { ...defaultSettings, announcementsOnly },
  accessVersion,
  member: { role: mine, leftAt: undefined, postingMutedUntil: undefined },
  blocked: false,
  suspended: false,
  mutedUntil: undefined,
});
const seat = fc.record({ role, announcementsOnly: fc.boolean(), accessVersion: fc.integer({ min: 1, max: 3 }) });

describe('SQL decides as the domain does', () => {
  it('from where on a member sees messages', () =>
    fc.assert(
      fc.asyncProperty(seq, history, seq, async (trimmed, begins, joinedSeq) => {
        const firstSeq = trimmed + 1;
        const settings = { ...defaultSettings, history: begins };
        const floor = await valueOf<number>('history_floor($1, $2, $3)', firstSeq, JSON.stringify(settings), joinedSeq);
        expect(floor).toBe(Conversation.visibleFrom({ settings, firstSeq }, joinedSeq) - 1);
      }),
    ));

  it('where no settings say so, that history does not begin with the joining', async () => {
    expect(await valueOf('begins_with_joining($1)', '{}')).toBe(false);
    expect(await valueOf('history_floor(1, $1, 7)', '{}')).toBe(
      Conversation.visibleFrom({ settings: defaultSettings, firstSeq: 1 }, 7) - 1,
    );
  });

  it('what is unread', () =>
    fc.assert(
      fc.asyncProperty(seq, seq, seq, async (countable, unreadBase, ownSince) => {
        const conversation = { countable } as Conversation;
        const membership = { unreadBase, ownSince } as Membership;
        expect(await valueOf('unread_messages($1, $2, $3)', countable, unreadBase, ownSince)).toBe(
          unreadMessages(conversation, membership),
        );
      }),
    ));

  it('which messages count as unread', () =>
    fc.assert(
      fc.asyncProperty(
        fc.constantFrom<MessageType>('text', 'image', 'file', 'system', 'custom'),
        fc.option(seq, { nil: undefined }),
        async (type, root) => {
          const threadRoot = root === undefined ? undefined : { id: ids.next<'message'>(), seq: root };
          const snapshot = snapshotOf('group', { role: 'owner', announcementsOnly: false, accessVersion: 1 });
          const { countable } = Message.post(snapshot, { ...message, type, threadRoot }, noon);
          expect(await valueOf('is_countable($1, $2)', type, root ?? null)).toBe(countable);
        },
      ),
    ));

  it('whether a mute is over', () =>
    fc.assert(
      fc.asyncProperty(fc.option(later, { nil: undefined }), async (mute) => {
        const snapshot = snapshotOf('group', { role: 'member', announcementsOnly: false, accessVersion: 1 });
        const muted = { ...snapshot, member: { role: 'member', leftAt: undefined, postingMutedUntil: mute?.until } } as const;
        const now = mute?.at ?? noon;
        expect(await valueOf('is_posting_muted($1, $2)', mute?.until ?? null, now)).toBe(throws(() => Message.post(muted, message, now)));
      }),
    ));

  it('who is suspended', () =>
    fc.assert(
      fc.asyncProperty(fc.option(moment, { nil: undefined }), async (since) => {
        expect(await valueOf('is_suspended($1)', since ?? null)).toBe(throws(() => Suspension.requireNone(since)));
      }),
    ));

  it('until when slow mode holds', () =>
    fc.assert(
      fc.asyncProperty(moment, fc.nat({ max: 21_600 }), async (lastPostedAt, seconds) => {
        const until = await valueOf<Date | null>('slowed_until($1, $2)', lastPostedAt, seconds);
        expect(until).toEqual(seconds === 0 ? null : addSeconds(lastPostedAt, seconds));
        expect(await valueOf('slowed_until(null, $1)', seconds)).toBeNull();
      }),
    ));

  it('whether a decision to let somebody post holds after access has changed', () =>
    fc.assert(
      fc.asyncProperty(fc.constantFrom('direct', 'group'), seat, seat, async (type, before, now) => {
        let draft: MessageDraft;
        try {
          draft = Message.post(snapshotOf(type, before), message, noon);
        } catch {
          return;
        }
        // With the version nothing has changed: what it is the version of stays.
        const after = before.accessVersion === now.accessVersion ? before : now;
        const holds = await valueOf(
          'posting_decision_holds($1, $2, $3, $4, $5, is_announcements_only($6))',
          draft.accessVersion,
          after.accessVersion,
          draft.seat?.role ?? null,
          after.role,
          draft.seat?.announces ?? null,
          JSON.stringify({ ...defaultSettings, announcementsOnly: after.announcementsOnly }),
        );
        const isAllowedNow = !throws(() => Message.post(snapshotOf(type, after), message, noon));
        // Never where the domain would refuse; and in a group always where only others have changed.
        expect(holds).toBe(after === before || (type === 'group' && after.role === before.role && isAllowedNow));
      }),
    ));

  it('who is across a block', () =>
    fc.assert(
      fc.asyncProperty(fc.uniqueArray(fc.tuple(fc.nat({ max: 3 }), fc.nat({ max: 3 })), { selector: String }), async (pairs) => {
        const blocks = pairs.filter(([a, b]) => a !== b).map(([a, b]) => [people[a], people[b]] as const);
        await storage.ask('coucou_app', account, 'delete from block');
        for (const pair of blocks)
          await storage.ask('coucou_app', account, 'insert into block values ($1, $2, $3, now())', [account, ...pair]);
        for (const one of people) {
          const rows = await storage.ask<{ user_id: UserId }>('coucou_app', account, 'select distinct user_id from blocked_with($1)', [
            one,
          ]);
          const expected = people.filter((other) => {
            const has = (a: UserId, b: UserId) => blocks.some(([blocker, blocked]) => blocker === a && blocked === b);
            const relation = Relations.relationOf({ ...Relations.strangers, blocks: has(one, other), blockedBy: has(other, one) });
            return relation === 'blocks' || relation === 'blockedBy';
          });
          expect(rows.map((row) => row.user_id).toSorted()).toEqual(expected.toSorted());
        }
      }),
      { numRuns: 40 },
    ));

  it('about nobody of another account', async () => {
    const other = await createPeople(storage.uow, 'alice', 'bob');
    await storage.ask('coucou_app', other.account, 'insert into block values ($1, $2, $3, now())', [other.account, other.alice, other.bob]);
    expect(await storage.ask('coucou_app', other.account, 'select * from blocked_with($1)', [other.bob])).toHaveLength(1);
    expect(await storage.ask('coucou_app', account, 'select * from blocked_with($1)', [other.bob])).toEqual([]);
  });
});
