import { randomBytes, randomUUID } from 'node:crypto';
import { asId } from '@coucou/domain/kernel/ids';
import { User } from '@coucou/domain/users/user';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Payload } from '../../support/event-log.ts';
import { type Caller, openTestApp, type TestApp } from '../../support/test-app.ts';
import { openDirect, openGroup, refusal } from '../calls.ts';

/** Profiles, and the search for people. */

let app: TestApp;
let [alice, bob, carol]: [Caller, Caller, Caller] = [] as never;
beforeAll(async () => {
  app = await openTestApp();
});
afterAll(() => app.close());
beforeEach(async () => {
  [alice, bob, carol] = (await Promise.all(['alice', 'bob', 'carol'].map((name) => app.person(name)))) as [Caller, Caller, Caller];
  app.told.length = 0;
});

describe('a profile', () => {
  it('is changed field by field, cleared by null, and told to those who know the person', async () => {
    await openDirect(bob, alice);
    await openGroup(alice, [carol]);
    app.told.length = 0;
    const changed = await alice.call('users.updateMe', {
      displayName: 'Alice M',
      bio: 'hi',
      avatarUrl: 'https://example.com/a.png',
      custom: { a: [1] },
    });
    expect(changed).toMatchObject({
      displayName: 'Alice M',
      bio: 'hi',
      avatarUrl: 'https://example.com/a.png',
      custom: { a: [1] },
      email: expect.any(String),
    });
    expect(app.told.filter(({ event, to }) => event === 'user:updated' && to['kind'] === 'devices').map(({ to }) => to['userId'])).toEqual([
      alice.id,
      bob.id,
    ]);
    expect(app.told.find(({ to }) => to['userId'] === bob.id)?.payload['user']).not.toHaveProperty('email');
    const cleared = await alice.call('users.updateMe', { bio: null, custom: null });
    expect(cleared).toMatchObject({ displayName: 'Alice M', avatarUrl: 'https://example.com/a.png' });
    expect(cleared).not.toHaveProperty('bio');
    expect(cleared).not.toHaveProperty('custom');
    const { events } = (await alice.call('sync.conversations', { user: { version: 0 } })).user;
    expect(events.at(-1)).toMatchObject({ kind: 'profile.updated', payload: { displayName: 'Alice M', bio: null, custom: null } });
  });

  it('is told to those who watch a conversation with the person, once, and not across a block', async () => {
    const direct = await openDirect(bob, alice);
    const group = await openGroup(carol, [alice, bob]);
    await carol.call('blocks.put', { userId: alice.id });
    app.told.length = 0;
    await alice.call('users.updateMe', { displayName: 'Alice W' });
    expect(app.told.filter(({ event, to }) => event === 'user:updated' && to['kind'] === 'watchers')).toEqual([
      {
        event: 'user:updated',
        to: {
          kind: 'watchers',
          conversationIds: expect.toSatisfy((ids: string[]) => ids.toSorted().join() === [direct.id, group.id].toSorted().join()),
          except: [alice.id, bob.id, carol.id],
          lossy: false,
        },
        payload: expect.objectContaining({ user: expect.objectContaining({ displayName: 'Alice W' }) }),
      },
    ]);
  });

  it('that stays as it is takes no version and is told nobody', async () => {
    await openDirect(alice, bob);
    await alice.call('users.updateMe', { displayName: 'Alice', bio: 'hi', custom: { bb: 1, a: [{ d: 1, c: 2 }] } });
    app.told.length = 0;
    const same = await alice.call('users.updateMe', { displayName: 'Alice', bio: 'hi', custom: { bb: 1, a: [{ d: 1, c: 2 }] } });
    expect(same).toMatchObject({ displayName: 'Alice', bio: 'hi', custom: { bb: 1 } });
    await alice.call('users.updateMe', { avatarUrl: null });
    await alice.call('users.updateMe', {});
    expect(app.told).toEqual([]);
    expect((await alice.call('sync.conversations')).user.version).toBe(1);
    expect(await alice.call('users.updateMe', { custom: { bb: 1, a: [{ d: 1, c: 2 }, 0] } })).toMatchObject({ custom: { a: [{}, 0] } });
    expect((await alice.call('sync.conversations')).user.version).toBe(2);
  });

  it('refuses what does not fit', async () => {
    for (const wrong of [
      { displayName: null },
      { displayName: ' ' },
      { displayName: '\u3164' },
      { displayName: '\u200b\u2800\u00ad' },
      { displayName: 'a\u0000' },
      { avatarUrl: 'javascript:alert(1)' },
      { role: 'owner' },
      { bio: 'x'.repeat(501) },
    ])
      expect(await refusal(alice.call('users.updateMe', wrong))).toBe('VALIDATION_FAILED');
  });

  it('shows an address to oneself only, and last seen to acquaintances only', async () => {
    await app.uow.write(alice.account, (tx) => tx.users.updateLastSeen(new Map([[alice.id, new Date('2026-01-01T10:00:00Z')]])));
    const get = (who: Caller) => who.call('users.get', { userId: alice.id });
    expect(await get(alice)).toMatchObject({ email: expect.any(String), lastSeenAt: '2026-01-01T10:00:00.000Z' });
    expect(await get(bob)).not.toHaveProperty('email');
    expect(await get(bob)).not.toHaveProperty('lastSeenAt');
    const direct = await openDirect(bob, alice);
    expect(await get(bob)).toMatchObject({ lastSeenAt: '2026-01-01T10:00:00.000Z' });
    expect(direct.peer).not.toHaveProperty('lastSeenAt');
  });

  it('is not there for another account, nor for an id that nobody has', async () => {
    const stranger = await app.person('dan', await app.account());
    expect(await refusal(stranger.call('users.get', { userId: alice.id }))).toBe('USER_NOT_FOUND');
    expect(await refusal(alice.call('users.get', { userId: randomUUID() }))).toBe('USER_NOT_FOUND');
  });
});

it('a name shows something, and a username everything', async () => {
  const group = await openGroup(alice);
  const newcomer = (more: object) => {
    const username = `n${randomBytes(4).toString('hex')}`;
    return alice.call('auth.signup', { username, email: `${username}@example.com`, password: 'a long enough password', ...more });
  };
  for (const nothing of ['\u3164\u3164\u3164', '\u200b\u200d\u2800', '\u00ad\ufe0f\u202e'])
    for (const named of [
      newcomer({ username: nothing }),
      newcomer({ displayName: nothing }),
      openGroup(alice, [], { title: nothing }),
      alice.call('conversations.update', { conversationId: group.id, title: nothing }),
      alice.call('inbox.update', { conversationId: group.id, labels: [nothing] }),
    ])
      expect(await refusal(named)).toBe('VALIDATION_FAILED');
  expect(await refusal(newcomer({ username: 'alice\u3164' }))).toBe('VALIDATION_FAILED');
  expect(await openGroup(alice, [], { title: '👩‍🚀 می‌خواهم' })).toMatchObject({ title: '👩‍🚀 می‌خواهم' });
});

describe('a search', () => {
  /** In an account of its own, so that a name means the same people on every run. */
  async function town(
    names: Readonly<Record<string, string>>,
  ): Promise<Record<string, string> & { search(q: string, more?: object): Promise<Payload> }> {
    const account = await app.account();
    const viewer = await app.person(`viewer${randomBytes(3).toString('hex')}`, account);
    const ids: Record<string, string> = {};
    for (const [username, displayName] of Object.entries(names)) {
      const user = User.signUp({
        accountId: account,
        id: asId(randomUUID()),
        username,
        email: `${username}@town.example`,
        displayName,
        now: new Date(),
      });
      await app.uow.write(account, (tx) => tx.users.add(user, 'none'));
      ids[username] = user.id;
    }
    return Object.assign(ids, { search: (q: string, more = {}) => viewer.call('users.search', { q, ...more }) }) as never;
  }
  const names = (page: { items: { username: string }[] }) => page.items.map(({ username }) => username);

  it('finds the beginning of names, slips of the keyboard and words of display names, the best first', async () => {
    const { search } = await town({ martin: 'Zed', martina: 'Yan', marten9: 'Xu', sophie: 'Sophie Martin', paul: 'Paul' });
    expect(names(await search('martin'))).toEqual(['martin', 'martina', 'sophie', 'marten9']);
    expect(names(await search('MARTI'))).toEqual(expect.arrayContaining(['martin', 'martina']));
    expect(names(await search('sohpie'))).toContain('sophie');
    expect(names(await search('m'))).toEqual(expect.arrayContaining(['martin', 'martina', 'marten9']));
    expect(names(await search('zzzzqq'))).toEqual([]);
  });

  it('compares letters of any script without regard to case', async () => {
    const { search } = await town({ elodie: 'Élodie Ünal', anna: 'Анна Каренина' });
    expect(names(await search('éLO'))).toEqual(['elodie']);
    expect(names(await search('АННА'))).toEqual(['anna']);
  });

  it('finds names without their accents and strokes, in any case, and by the given name alone where no space is written', async () => {
    const { search } = await town({
      eloise: 'Éloïse Łuczak',
      nikos: 'Νίκος Παπαδόπουλος',
      yamada: '山田太郎',
      sato: '佐藤 花子',
      wang: '王小明',
      kim: '김민수',
      wittaya: 'วิทยา ใจดี',
      muhammad: 'مُحَمَّد',
      bo: 'Li Bo',
      ivan: 'Иван Петров',
    });
    for (const [q, username] of [
      ['eloise', 'eloise'],
      ['LUCZAK', 'eloise'],
      ['ΝΙΚΟΣ', 'nikos'],
      ['παπαδοπουλος', 'nikos'],
      ['太郎', 'yamada'],
      ['太', 'yamada'],
      ['太郎 山田', 'yamada'],
      ['花子', 'sato'],
      ['小明', 'wang'],
      ['민수', 'kim'],
      ['민수'.normalize('NFD'), 'kim'],
      ['ใจดี', 'wittaya'],
      ['محمد', 'muhammad'],
      ['bo', 'bo'],
      ['петров', 'ivan'],
    ] as const)
      expect([q, names(await search(q))]).toEqual([q, expect.arrayContaining([username])]);
    expect(names(await search('太郎'))).toEqual(['yamada']);
    expect(names(await search('郎太'))).toEqual([]);
    // Nothing that tells one name from another.
    for (const q of ['ـ', '\u0301']) expect(names(await search(q))).toEqual([]);
  });

  it('finds a changed name, and no longer the one before', async () => {
    const viewer = await app.person('viewer', await app.account());
    const other = await app.person('other', viewer.account);
    await other.call('users.updateMe', { displayName: '山田太郎' });
    expect((await viewer.call('users.search', { q: '太郎' })).items).toMatchObject([{ id: other.id }]);
    await other.call('users.updateMe', { displayName: '佐藤花子' });
    expect((await viewer.call('users.search', { q: '花子' })).items).toMatchObject([{ id: other.id }]);
    expect((await viewer.call('users.search', { q: '太郎' })).items).toEqual([]);
  });

  it('finds an e-mail address as a whole only', async () => {
    const { search } = await town({ martin: 'Zed', paul: 'Paul' });
    expect(names(await search('martin@town.example'))).toContain('martin');
    expect(names(await search('town.example'))).toEqual([]);
    expect(names(await search('martin@town.exampl'))).not.toContain('paul');
  });

  it('finds nobody by an address that they have not proven, which may be somebody else’s', async () => {
    const viewer = await app.person('viewer', await app.account());
    const mallory = await viewer.call('auth.signup', {
      username: 'mallory',
      email: 'boss@corp.example',
      password: 'correct horse battery',
    });
    const found = async () => (await viewer.call('users.search', { q: 'Boss@corp.example' })).items.map(({ id }: { id: string }) => id);
    expect(await found()).toEqual([]);
    await app.uow.write(viewer.account, (tx) => tx.credentials.proveEmail(mallory.user.id));
    expect(await found()).toEqual([mallory.user.id]);
  });

  it('takes wildcards, backslashes and quotes for letters', async () => {
    const { search } = await town({ martin: 'Zed', paul: '100% Paul_' });
    for (const q of ['%', '_', '\\', "'", '%%%', '" or 1=1']) expect(names(await search(q))).not.toContain('martin');
    expect(names(await search('100%'))).toEqual(['paul']);
  });

  it('finds nobody of another account', async () => {
    const first = await town({ twin: 'Twin' });
    const second = await town({ twin: 'Twin' });
    expect((await first.search('twin')).items.map(({ id }: { id: string }) => id)).toEqual([first['twin']]);
    expect((await second.search('twin')).items.map(({ id }: { id: string }) => id)).toEqual([second['twin']]);
  });

  it('is paged, each person once', async () => {
    const people = Object.fromEntries(
      Array.from({ length: 25 }, (_, index) => [`pager${String(index).padStart(2, '0')}`, `Pager ${index}`]),
    );
    const { search } = await town(people);
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await search('pager', { limit: 7, ...(cursor && { cursor }) });
      seen.push(...names(page));
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    expect(seen.toSorted()).toEqual(Object.keys(people));
  });

  it('refuses what does not fit', async () => {
    for (const wrong of [{}, { q: '' }, { q: '   ' }, { q: 'x'.repeat(10_240) }, { q: 'a', limit: 1e9 }, { q: 'a', limit: 0 }])
      expect(await refusal(alice.call('users.search', wrong))).toBe('VALIDATION_FAILED');
    expect(await refusal(alice.call('users.search', { q: 'a', cursor: 'nonsense' }))).toBe('CURSOR_INVALID');
  });
});

describe('a suspended person', () => {
  it('is not found', async () => {
    const { username } = await bob.call('users.get', { userId: bob.id });
    const found = async () => (await alice.call('users.search', { q: username })).items.map(({ id }: { id: string }) => id);
    expect(await found()).toContain(bob.id);
    await app.sql('update app_user set suspended_at = now() where id = $1', [bob.id]);
    expect(await found()).not.toContain(bob.id);
  });
});
