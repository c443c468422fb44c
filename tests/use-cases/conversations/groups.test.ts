import { memberJoins } from '@coucou/application/conversations/conversation-hooks';
import { hook } from '@coucou/application/kernel/hook';
import { errors } from '@coucou/domain/kernel/errors';
import type { AppFeature } from '@coucou/features/feature';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Caller, openTestApp, type TestApp } from '../../support/test-app.ts';
import { about, openDirect, openGroup, refusal, send, versionsToRoom } from '../calls.ts';

const in1h = () => new Date(Date.now() + 3_600_000).toISOString();

/** How groups are looked after. */

let app: TestApp;
let alice: Caller;
let bob: Caller;
let carol: Caller;
let dan: Caller;
let group: { id: string; version: number };
const refuseJoins = new Set<string>();
const asked: string[] = [];
const gate: AppFeature = {
  name: 'gate',
  operations: [],
  hooks: [
    hook({
      name: 'gate.join',
      at: memberJoins,
      deps: {},
      run: async (_ports, value) => {
        asked.push(value.userId);
        if (refuseJoins.has(value.userId)) throw errors.FORBIDDEN({ reason: 'hook' });
        return value;
      },
    }),
  ],
};

beforeAll(async () => {
  app = await openTestApp({ features: [gate] });
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
  asked.length = 0;
  refuseJoins.clear();
});
it('somebody owns 500 groups, and makes another once one is gone', async () => {
  const owner = await app.person('oscar');
  const { id } = await owner.call('conversations.create', { type: 'group', title: 'One of many' });
  for (let made = 1; made < 500; made += 1) await owner.call('conversations.create', { type: 'group', title: `Number ${made}` });
  const create = () => owner.call('conversations.create', { type: 'group', title: 'One more' });
  expect(await refusal(create())).toBe('GROUP_LIMIT_REACHED');
  // Others' groups are nothing to them, and theirs are nothing to others.
  expect(await openGroup(alice, [bob])).toMatchObject({ type: 'group' });
  expect(await openDirect(owner, alice)).toBeDefined();
  await owner.call('conversations.delete', { conversationId: id });
  expect(await create()).toMatchObject({ title: 'One more' });
});

const on = (more: object = {}) => ({ conversationId: group.id, ...more });
const roleOf = async (viewer: Caller, who: Caller) =>
  (await viewer.call('members.list', on())).items.find((member: { userId: string }) => member.userId === who.id)?.role;

describe('updating', () => {
  it('changes what is named, keeps the rest, and tells it once', async () => {
    const updated = await bob.call(
      'conversations.update',
      on({ title: 'Renamed', description: 'about', settings: { slowModeSeconds: 30 } }),
    );
    expect(updated).toMatchObject({
      title: 'Renamed',
      description: 'about',
      version: group.version + 1,
      settings: { history: 'all', slowModeSeconds: 30 },
    });
    expect(about(app, group)).toMatchObject([
      { event: 'conversation:updated', payload: { version: group.version + 1, conversation: { title: 'Renamed' } } },
    ]);
    const [row] = await app.sql('select slow_mode_seconds from conversation where id = $1', [group.id]);
    expect(row.slow_mode_seconds).toBe(30);
    expect(await alice.call('conversations.update', on({ description: null }))).not.toHaveProperty('description');
  });

  it('takes no version when nothing changes, and none of access for a title', async () => {
    await bob.call('conversations.update', on({ custom: { bb: 1, a: { d: [1], c: 2 } } }));
    app.told.length = 0;
    for (const same of [
      { title: 'A group' },
      { custom: { bb: 1, a: { d: [1], c: 2 } } },
      { settings: { history: 'all' } },
      { description: null, visibility: 'private' },
      {},
    ])
      await bob.call('conversations.update', on(same));
    expect(about(app, group)).toEqual([]);
    const access = async () =>
      (await app.sql('select access_version from conversation_head where conversation_id = $1', [group.id]))[0].access_version;
    const before = await access();
    await bob.call('conversations.update', on({ title: 'Other' }));
    expect(await access()).toBe(before);
    await bob.call('conversations.update', on({ settings: { announcementsOnly: true } }));
    expect(await access()).toBe(before + 1);
    expect(await refusal(send(carol, group, 'x'))).toBe('POSTING_NOT_ALLOWED');
  });

  it('belongs to owners and admins', async () => {
    const other = await app.person('other', await app.account());
    expect(await refusal(carol.call('conversations.update', on({ title: 'x' })))).toBe('FORBIDDEN');
    for (const stranger of [dan, other])
      expect(await refusal(stranger.call('conversations.update', on({ title: 'x' })))).toBe('CONVERSATION_NOT_FOUND');
    const direct = await openDirect(alice, bob);
    expect(await refusal(alice.call('conversations.update', { conversationId: direct.id, title: 'x' }))).toBe('FORBIDDEN');
  });
});

describe('deleting', () => {
  it('belongs to owners, is told to everyone, and leaves nothing to find', async () => {
    for (const lower of [bob, carol]) expect(await refusal(lower.call('conversations.delete', on()))).toBe('FORBIDDEN');
    expect(await refusal(dan.call('conversations.delete', on()))).toBe('CONVERSATION_NOT_FOUND');
    const { code } = await alice.call('invites.create', on());
    await alice.call('conversations.delete', on());
    const told = about(app, group);
    expect(told.map(({ event, payload }) => [event, payload['reason'], payload['version']])).toEqual(
      Array.from({ length: 3 }, () => ['conversation:removed', 'deleted', group.version + 1]),
    );
    expect(new Set(told.map(({ to }) => to['userId']))).toEqual(new Set([alice.id, bob.id, carol.id]));
    for (const [operation, input] of [
      ['conversations.get', {}],
      ['conversations.update', { title: 'x' }],
      ['conversations.delete', {}],
      ['conversations.join', {}],
      ['members.list', {}],
      ['members.add', { userIds: [dan.id] }],
      ['messages.list', {}],
      ['messages.send', { content: 'x' }],
      ['membership.update', { archived: true }],
      ['inbox.update', { status: 'resolved' }],
      ['invites.list', {}],
    ] as const)
      expect([operation, await refusal(alice.call(operation, on(input)))]).toEqual([operation, 'CONVERSATION_NOT_FOUND']);
    expect(await refusal(dan.call('invites.accept', { code }))).toBe('INVITE_NOT_FOUND');
    const { items } = await alice.call('conversations.list', { limit: 100 });
    expect(items.map(({ id }: { id: string }) => id)).not.toContain(group.id);
    const synced = await bob.call('sync.conversations', { conversations: { [group.id]: { version: group.version } } });
    expect(synced.conversations).toMatchObject([{ id: group.id, removed: true }]);
  });

  it('against sends: what was acknowledged came before, and nothing after', async () => {
    const sends = Array.from({ length: 20 }, (_, i) =>
      send(alice, group, `m${i}`).then(
        ({ seq }: { seq: number }) => seq,
        (error) => error.code as string,
      ),
    );
    const [, ...answers] = await Promise.all([alice.call('conversations.delete', on()), ...sends]);
    expect(new Set(answers.filter((answer) => typeof answer === 'string'))).toEqual(
      answers.some((answer) => typeof answer === 'string') ? new Set(['CONVERSATION_NOT_FOUND']) : new Set(),
    );
    const [row] = await app.sql(
      'select last_seq, (select count(*)::int from message m where m.conversation_id = h.conversation_id) as stored from conversation_head h where conversation_id = $1',
      [group.id],
    );
    expect(row.stored).toBe(answers.filter((answer) => typeof answer === 'number').length);
    expect(await refusal(send(alice, group, 'late'))).toBe('CONVERSATION_NOT_FOUND');
  });
});

describe('joining', () => {
  it('is open to anyone where the group is public, and tells it once', async () => {
    await alice.call('conversations.update', on({ visibility: 'public' }));
    app.told.length = 0;
    const joined = await dan.call('conversations.join', on());
    expect(joined).toMatchObject({ id: group.id, memberCount: 4, membership: { role: 'member' }, unread: { messages: 0, mentions: 0 } });
    expect(asked).toEqual([dan.id]);
    expect(about(app, group).map(({ event }) => event)).toEqual(['conversation:new', 'member:joined']);
    // Once more finds it as it is.
    expect(await dan.call('conversations.join', on())).toMatchObject({ version: joined.version });
    expect(await send(dan, group, 'hello')).toMatchObject({ seq: 1 });
  });

  it('hides what is private, what is elsewhere, and what everybody left', async () => {
    expect(await refusal(dan.call('conversations.join', on()))).toBe('CONVERSATION_NOT_FOUND');
    expect(asked).toEqual([]);
    await alice.call('conversations.update', on({ visibility: 'public' }));
    const other = await app.person('other', await app.account());
    expect(await refusal(other.call('conversations.join', on()))).toBe('CONVERSATION_NOT_FOUND');
    for (const member of [carol, bob, alice]) await member.call('conversations.leave', on());
    expect(await refusal(dan.call('conversations.join', on()))).toBe('CONVERSATION_NOT_FOUND');
  });

  it('can be refused by a hook, however one comes', async () => {
    await alice.call('conversations.update', on({ visibility: 'public' }));
    const { code, uses } = await alice.call('invites.create', on({ maxUses: 1 }));
    refuseJoins.add(dan.id);
    expect(await refusal(dan.call('conversations.join', on()))).toBe('FORBIDDEN');
    expect(await refusal(dan.call('invites.accept', { code }))).toBe('FORBIDDEN');
    expect(await refusal(alice.call('members.add', on({ userIds: [dan.id] })))).toBe('FORBIDDEN');
    expect(uses).toBe(0);
    expect((await alice.call('invites.list', on())).items[0].uses).toBe(0);
    expect(await roleOf(alice, dan)).toBeUndefined();
  });

  it('asks no hook about people whom a new group may not have', async () => {
    const stranger = await app.person('stranger', await app.account());
    const erin = await app.person('erin');
    await erin.call('blocks.put', { userId: alice.id });
    for (const who of [stranger, erin]) expect(await refusal(openGroup(alice, [bob, who]))).toBe('USER_NOT_FOUND');
    expect(asked).toEqual([]);
    await openGroup(alice, [bob, alice]);
    expect(asked).toEqual([bob.id]);
  });

  it('does not shed a mute, nor keep a role', async () => {
    await alice.call('conversations.update', on({ visibility: 'public' }));
    await alice.call('members.update', on({ userId: carol.id, mutedUntil: in1h() }));
    await carol.call('conversations.leave', on());
    expect(await carol.call('conversations.join', on())).toMatchObject({ membership: { role: 'member' } });
    expect(await refusal(send(carol, group, 'x'))).toBe('POSTING_NOT_ALLOWED');
  });
});

it('two last owners who leave at once leave one behind', async () => {
  for (let round = 0; round < 5; round += 1) {
    const own = await openGroup(alice, [bob, carol]);
    await alice.call('members.update', { conversationId: own.id, userId: bob.id, role: 'owner' });
    const answers = await Promise.all(
      [alice, bob].map((owner) =>
        owner.call('conversations.leave', { conversationId: own.id }).then(
          () => 'left',
          (error) => error.code,
        ),
      ),
    );
    expect(answers.toSorted()).toEqual(['LAST_OWNER', 'left']);
  }
});

it('takes one version for each change, whoever changes what at once', async () => {
  await alice.call('conversations.update', on({ visibility: 'public' }));
  const start = (await alice.call('conversations.get', on())).version;
  app.told.length = 0;
  await Promise.allSettled([
    dan.call('conversations.join', on()),
    alice.call('conversations.update', on({ title: 'a' })),
    bob.call('conversations.update', on({ title: 'b' })),
    bob.call('members.update', on({ userId: carol.id, role: 'member' })),
    alice.call('members.update', on({ userId: bob.id, mutedUntil: in1h() })),
    send(alice, group, 'meanwhile'),
    alice.call('inbox.update', on({ status: 'pending' })),
  ]);
  const { version } = await alice.call('conversations.get', on());
  expect(versionsToRoom(app, group).toSorted((a, b) => a - b)).toEqual(Array.from({ length: version - start }, (_, i) => start + 1 + i));
});
