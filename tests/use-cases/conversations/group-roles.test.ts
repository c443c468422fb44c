import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Caller, openTestApp, type TestApp } from '../../support/test-app.ts';
import { about, openDirect, openGroup, refusal, send } from '../calls.ts';

const in1h = () => new Date(Date.now() + 3_600_000).toISOString();

/** Who is above whom in a group, and what they may do to each other. */

let app: TestApp;
let alice: Caller;
let bob: Caller;
let carol: Caller;
let dan: Caller;
let group: { id: string; version: number };

beforeAll(async () => {
  app = await openTestApp();
  [alice, bob, carol, dan] = (await Promise.all(['alice', 'bob', 'carol', 'dan'].map((name) => app.person(name)))) as [
    Caller,
    Caller,
    Caller,
    Caller,
  ];
});
afterAll(() => app.close());
/** alice owns, bob administers, carol moderates; dan is a stranger. */
beforeEach(async () => {
  const opened = await openGroup(alice, [bob, carol]);
  await alice.call('members.update', { conversationId: opened.id, userId: bob.id, role: 'admin' });
  await alice.call('members.update', { conversationId: opened.id, userId: carol.id, role: 'moderator' });
  group = await alice.call('conversations.get', { conversationId: opened.id });
  app.told.length = 0;
});
const on = (more: object = {}) => ({ conversationId: group.id, ...more });
const roleOf = async (viewer: Caller, who: Caller) =>
  (await viewer.call('members.list', on())).items.find((member: { userId: string }) => member.userId === who.id)?.role;

describe('roles and mutes', () => {
  it('are changed by those above, up to their own role', async () => {
    await alice.call('members.add', on({ userIds: [dan.id] }));
    app.told.length = 0;
    expect(await bob.call('members.update', on({ userId: dan.id, role: 'moderator' }))).toMatchObject({
      role: 'moderator',
      user: { id: dan.id },
    });
    expect(about(app, group).map(({ event }) => event)).toEqual(['member:updated']);
    expect(await refusal(bob.call('members.update', on({ userId: dan.id, role: 'owner' })))).toBe('FORBIDDEN');
    expect(await refusal(bob.call('members.update', on({ userId: alice.id, role: 'member' })))).toBe('FORBIDDEN');
    expect(await refusal(bob.call('members.update', on({ userId: bob.id, role: 'owner' })))).toBe('FORBIDDEN');
    expect(await refusal(carol.call('members.update', on({ userId: dan.id, role: 'member' })))).toBe('FORBIDDEN');
    expect(await refusal(carol.call('members.update', on({ userId: dan.id, mutedUntil: in1h() })))).toBe('FORBIDDEN');
    expect(await bob.call('members.update', on({ userId: bob.id, role: 'member' }))).toMatchObject({ role: 'member' });
  });

  it('take no version when they stay as they are, were it after a mute that is over', async () => {
    const until = in1h();
    await bob.call('members.update', on({ userId: carol.id, mutedUntil: until }));
    app.told.length = 0;
    await bob.call('members.update', on({ userId: carol.id, role: 'moderator', mutedUntil: until }));
    await app.sql(`update member set posting_muted_until = now() - interval '1 second' where conversation_id = $1 and user_id = $2`, [
      group.id,
      carol.id,
    ]);
    await bob.call('members.update', on({ userId: carol.id, role: 'moderator' }));
    await bob.call('members.update', on({ userId: carol.id }));
    expect(about(app, group)).toEqual([]);
    expect((await alice.call('conversations.get', on())).version).toBe(group.version + 1);
  });

  it('never take the last owner away', async () => {
    expect(await refusal(alice.call('members.update', on({ userId: alice.id, role: 'admin' })))).toBe('LAST_OWNER');
    await alice.call('members.update', on({ userId: bob.id, role: 'owner' }));
    expect(await alice.call('members.update', on({ userId: alice.id, role: 'admin' }))).toMatchObject({ role: 'admin' });
  });

  it('silence at once, and no longer than said; the muted cannot help themselves', async () => {
    await alice.call('members.add', on({ userIds: [dan.id] }));
    await send(dan, group, 'before');
    const until = in1h();
    expect(await carol.call('members.update', on({ userId: dan.id, mutedUntil: until }))).toMatchObject({ mutedUntil: until });
    expect(await refusal(send(dan, group, 'x'))).toBe('POSTING_NOT_ALLOWED');
    expect(await refusal(dan.call('members.update', on({ userId: dan.id, mutedUntil: null })))).toBe('FORBIDDEN');
    expect(await carol.call('members.update', on({ userId: dan.id, mutedUntil: null }))).not.toHaveProperty('mutedUntil');
    await send(dan, group, 'after');
  });

  it('hide from strangers and do not exist between two', async () => {
    expect(await refusal(dan.call('members.update', on({ userId: bob.id, role: 'member' })))).toBe('CONVERSATION_NOT_FOUND');
    expect(await refusal(alice.call('members.update', on({ userId: dan.id, role: 'admin' })))).toBe('NOT_FOUND');
    const direct = await openDirect(alice, bob);
    expect(await refusal(alice.call('members.update', { conversationId: direct.id, userId: bob.id, mutedUntil: in1h() }))).toBe(
      'FORBIDDEN',
    );
  });

  it('are told with a version each when a group changes hands', async () => {
    await alice.call('conversations.transfer', on({ userId: carol.id }));
    expect(
      about(app, group).map(({ event, payload }) => [event, payload['version'], payload['member'].userId, payload['member'].role]),
    ).toEqual([
      ['member:updated', group.version + 1, carol.id, 'owner'],
      ['member:updated', group.version + 2, alice.id, 'admin'],
    ]);
    expect(await refusal(alice.call('conversations.transfer', on({ userId: bob.id })))).toBe('FORBIDDEN');
    expect(await refusal(carol.call('conversations.transfer', on({ userId: dan.id })))).toBe('NOT_FOUND');
    expect(await refusal(carol.call('conversations.transfer', on({ userId: carol.id })))).toBe('VALIDATION_FAILED');
  });

  it('take one version when a group passes to somebody who owns it already', async () => {
    await alice.call('members.update', on({ userId: carol.id, role: 'owner' }));
    app.told.length = 0;
    await alice.call('conversations.transfer', on({ userId: carol.id }));
    expect(about(app, group).map(({ payload }) => [payload['version'], payload['member'].userId, payload['member'].role])).toEqual([
      [group.version + 2, alice.id, 'admin'],
    ]);
    expect((await carol.call('conversations.get', on())).version).toBe(group.version + 2);
  });
});

describe('a ban', () => {
  it('ends the membership, and closes every way back until it expires or is lifted', async () => {
    await alice.call('conversations.update', on({ visibility: 'public' }));
    await dan.call('conversations.join', on());
    const { code } = await alice.call('invites.create', on());
    app.told.length = 0;
    expect(await carol.call('members.ban', on({ userId: dan.id, reason: 'spam' }))).toMatchObject({
      userId: dan.id,
      bannedBy: carol.id,
      reason: 'spam',
    });
    expect(about(app, group).map(({ event, payload }) => [event, payload['reason']])).toEqual([
      ['conversation:removed', 'banned'],
      ['member:left', 'banned'],
    ]);
    expect(await refusal(dan.call('conversations.join', on()))).toBe('BANNED');
    expect(await refusal(dan.call('invites.accept', { code }))).toBe('BANNED');
    expect(await refusal(bob.call('members.add', on({ userIds: [dan.id] })))).toBe('BANNED');
    expect((await carol.call('bans.list', on())).items).toMatchObject([{ userId: dan.id, user: { id: dan.id } }]);
    await carol.call('members.unban', on({ userId: dan.id }));
    expect(await refusal(carol.call('members.unban', on({ userId: dan.id })))).toBe('NOT_FOUND');
    expect(await dan.call('conversations.join', on())).toMatchObject({ id: group.id });
    await carol.call('members.ban', on({ userId: dan.id, expiresAt: in1h() }));
    expect((await carol.call('bans.list', on())).items).toHaveLength(1);
    await app.sql("update ban set expires_at = now() - interval '1 second' where conversation_id = $1", [group.id]);
    expect((await carol.call('bans.list', on())).items).toEqual([]);
    expect(await dan.call('conversations.join', on())).toMatchObject({ id: group.id });
  });

  it('can be set ahead, and takes a higher role than the other has', async () => {
    const before = (await alice.call('conversations.get', on())).version;
    await carol.call('members.ban', on({ userId: dan.id }));
    expect((await alice.call('conversations.get', on())).version).toBe(before);
    expect(await refusal(carol.call('members.ban', on({ userId: bob.id })))).toBe('FORBIDDEN');
    expect(await refusal(carol.call('members.ban', on({ userId: carol.id })))).toBe('FORBIDDEN');
    expect(await refusal(dan.call('members.ban', on({ userId: carol.id })))).toBe('CONVERSATION_NOT_FOUND');
    const other = await app.person('other', await app.account());
    expect(await refusal(alice.call('members.ban', on({ userId: other.id })))).toBe('USER_NOT_FOUND');
    expect(await refusal(carol.call('members.ban', on({ userId: dan.id, expiresAt: '2020-01-01T00:00:00.000Z' })))).toBe(
      'VALIDATION_FAILED',
    );
  });

  it('finds nobody who blocked the one who bans, but those who were here', async () => {
    const [erin, frank] = [await app.person('erin'), await app.person('frank')];
    await alice.call('members.add', on({ userIds: [frank.id] }));
    await frank.call('conversations.leave', on());
    for (const who of [erin, frank]) await who.call('blocks.put', { userId: carol.id });
    expect(await refusal(carol.call('members.ban', on({ userId: erin.id })))).toBe('USER_NOT_FOUND');
    expect((await carol.call('bans.list', on())).items).toEqual([]);
    expect(await carol.call('members.ban', on({ userId: frank.id }))).toMatchObject({ userId: frank.id });
    expect(await alice.call('members.ban', on({ userId: erin.id }))).toMatchObject({ userId: erin.id });
  });

  it('against a joining: whoever comes in first, nobody banned is a member in the end', async () => {
    await alice.call('conversations.update', on({ visibility: 'public' }));
    for (let round = 0; round < 5; round += 1) {
      const joining = dan.call('conversations.join', on()).catch((error) => error);
      await Promise.all([joining, alice.call('members.ban', on({ userId: dan.id }))]);
      expect(await roleOf(alice, dan)).toBeUndefined();
      expect(await refusal(dan.call('conversations.get', on()))).toBe('CONVERSATION_NOT_FOUND');
      await alice.call('members.unban', on({ userId: dan.id }));
    }
  });
});

describe('adding', () => {
  it('tells nobody of a block: the other does not exist', async () => {
    const [erin, frank] = [await app.person('erin'), await app.person('frank')];
    const own = await openGroup(erin, []);
    await frank.call('blocks.put', { userId: erin.id });
    expect(await refusal(erin.call('members.add', { conversationId: own.id, userIds: [frank.id] }))).toBe('USER_NOT_FOUND');
    const { code } = await erin.call('invites.create', { conversationId: own.id });
    expect(await refusal(frank.call('invites.accept', { code }))).toBe('INVITE_NOT_FOUND');
  });
});
