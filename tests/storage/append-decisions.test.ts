import { type ConversationSettings, defaultSettings } from '@coucou/domain/conversations/conversation';
import type { MemberRole } from '@coucou/domain/conversations/permissions';
import type { AccountId, ConversationId, Instant, UserId } from '@coucou/domain/kernel/ids';
import { addSeconds, isPast } from '@coucou/domain/kernel/time';
import { Message, type MessageDraft, type NewMessage, type PostingSnapshot } from '@coucou/domain/messages/message';
import { appendBatch } from '@coucou/postgres/messages/append-batch';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openPglite } from './engines.ts';
import { storageOn, type TestStorage } from './test-storage.ts';
import { createGroup, createPeople, ids } from '../support/fixtures.ts';

/** A group and one of its members, as they storage. Times are hours from now: far enough for the two clocks to agree. */
type State = {
  accessVersion: number;
  announcementsOnly: boolean;
  slowModeSeconds: number;
  role: MemberRole;
  hasLeft: boolean;
  mutedForHours: number | undefined;
  postedHoursAgo: number | undefined;
  suspended: boolean;
  mutedEverywhereForHours: number | undefined;
};

let storage: TestStorage;
let account: AccountId;
let alice: UserId;
let group: ConversationId;
beforeAll(async () => {
  storage = storageOn(await openPglite());
  const world = await createPeople(storage.uow, 'alice', 'bob');
  ({ account, alice } = world);
  group = await createGroup(storage.uow, account, [world.bob, alice]);
});
afterAll(() => storage.close());

const HOUR = 3_600;
const hours = (from: Instant, count: number | undefined): Instant | undefined =>
  count === undefined ? undefined : addSeconds(from, count * HOUR);

const settingsOf = ({ announcementsOnly, slowModeSeconds }: State): ConversationSettings => ({
  ...defaultSettings,
  announcementsOnly,
  slowModeSeconds,
});

const snapshotOf = (state: State, now: Instant): PostingSnapshot => ({
  type: 'group',
  settings: settingsOf(state),
  accessVersion: state.accessVersion,
  member: { role: state.role, leftAt: state.hasLeft ? now : undefined, postingMutedUntil: hours(now, state.mutedForHours) },
  blocked: false,
  suspended: state.suspended,
  mutedUntil: hours(now, state.mutedEverywhereForHours),
});

const PUT = `
  with moved as (update conversation set settings = $2 where id = $1),
    raised as (update conversation_head set access_version = $3 where conversation_id = $1),
    seated as (
      update member set role = $5, left_at = $6, posting_muted_until = $7, last_posted_at = $8 where conversation_id = $1 and user_id = $4)
  update app_user set suspended_at = $9, muted_until = $10 where id = $4`;

const put = (state: State, now: Instant) =>
  storage.main.use((session) => {
    const settings = JSON.stringify(settingsOf(state));
    const postedAt = hours(now, state.postedHoursAgo === undefined ? undefined : -state.postedHoursAgo);
    const muted = [hours(now, state.mutedForHours) ?? null, hours(now, state.mutedEverywhereForHours) ?? null];
    const times = [state.hasLeft ? now : null, muted[0], postedAt ?? null, state.suspended ? now : null, muted[1]];
    return session.inAccount(account, 'write', PUT, [group, settings, state.accessVersion, alice, state.role, ...times], 'put');
  });

/** Undefined where the domain refuses. */
const decide = (state: State, message: NewMessage, now: Instant): MessageDraft | undefined => {
  try {
    return Message.post(snapshotOf(state, now), message, now);
  } catch {
    return undefined;
  }
};

const state: fc.Arbitrary<State> = fc.record({
  accessVersion: fc.constantFrom(1, 2),
  announcementsOnly: fc.boolean(),
  slowModeSeconds: fc.constantFrom(0, 2 * HOUR),
  role: fc.constantFrom<MemberRole>('owner', 'admin', 'moderator', 'member'),
  hasLeft: fc.constantFrom(false, false, true),
  mutedForHours: fc.constantFrom(undefined, undefined, -1, 1),
  postedHoursAgo: fc.constantFrom(undefined, 1, 3),
  suspended: fc.constantFrom(false, false, true),
  mutedEverywhereForHours: fc.constantFrom(undefined, undefined, -1, 1),
});

it('appends what the domain would allow under the lock, and leaves the rest to be decided again', () =>
  fc.assert(
    fc.asyncProperty(state, state, async (before, later) => {
      const now = new Date();
      const message: NewMessage = {
        accountId: account,
        conversationId: group,
        id: ids.next(),
        senderId: alice,
        clientMessageId: ids.next(),
        type: 'text',
        content: 'hello',
        data: undefined,
        parts: undefined,
        replyTo: undefined,
        threadRoot: undefined,
        mentions: [],
        mentionAll: false,
        attachments: [],
        forwarded: false,
      };
      const draft = decide(before, message, now);
      fc.pre(draft !== undefined);
      // A role and the group's settings change with the version only.
      const isSameVersion = before.accessVersion === later.accessVersion;
      const after: State = isSameVersion ? { ...later, role: before.role, announcementsOnly: before.announcementsOnly } : later;
      await put(after, now);
      const [answer] = await storage.main.use((session) =>
        appendBatch(session, [{ draft, asSent: { type: 'text', content: 'hello', data: undefined } }], { wait: false, announce: false }),
      );

      const until = after.postedHoursAgo === undefined ? now : addSeconds(now, after.slowModeSeconds - after.postedHoursAgo * HOUR);
      const isSlowed = draft.slowable && after.slowModeSeconds > 0 && !isPast(until, now);
      const allowed = isSlowed ? { status: 'slowed', until } : { status: 'stored' };
      // A decision that rests on another role is taken again, though it may come out the same.
      const isDecidedAgain = decide(after, message, now) === undefined || after.role !== before.role;
      expect(answer).toMatchObject(isDecidedAgain ? { status: 'stale' } : allowed);
    }),
    { numRuns: 200 },
  ));
