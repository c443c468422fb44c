import type { AccountId } from '@coucou/domain/kernel/ids';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { login } from '@coucou/application/auth/login';
import { signup } from '@coucou/application/auth/signup';
import { ids } from '../../support/fixtures.ts';
import type { Payload } from '../../support/event-log.ts';
import { type Caller, type Calling, openTestApp, type TestApp } from '../../support/test-app.ts';
import { anonymous, refusal } from '../calls.ts';

let app: TestApp;
let account: AccountId;
let alice: Caller;
let bob: Caller;
beforeAll(async () => {
  app = await openTestApp();
});
afterAll(() => app.close());
beforeEach(async () => {
  account = await app.account();
  alice = await app.person('alice', account, 'owner');
  bob = await app.person('bob', account);
});

const roleOf = async (of: Caller) => (await alice.call('admin.getUser', { userId: of.id })).role;
const kinds = async (by: Caller, more: object = {}) =>
  (await by.call('admin.listAuditLogs', { ...more })).items.map(({ action }: Payload) => action);
const password = 'correct horse battery staple';
const signUp = (username: string, more: object = {}) =>
  app.run(signup, { username, email: `${username}@example.com`, password, ...more }, anonymous(account));
const settle = (settings: object) => alice.call('admin.putSettings', settings as Record<string, unknown>);

/** Calls that would change or tell something, about bob. */
const calls: readonly (readonly [string, string, (of: Caller) => Record<string, unknown>])[] = [
  ['admin.listUsers', 'users:read', () => ({})],
  ['admin.getUser', 'users:read', (of) => ({ userId: of.id })],
  ['admin.createUser', 'users:write', () => ({ username: 'mallory' })],
  ['admin.suspendUser', 'users:write', (of) => ({ userId: of.id })],
  ['admin.restoreUser', 'users:write', (of) => ({ userId: of.id })],
  ['admin.setUserRole', 'users:write', (of) => ({ userId: of.id, role: 'member' })],
  ['admin.listUserSessions', 'sessions:read', (of) => ({ userId: of.id })],
  ['admin.revokeUserSessions', 'sessions:write', (of) => ({ userId: of.id })],
  ['admin.getSettings', 'settings:read', () => ({})],
  ['admin.putSettings', 'settings:write', () => ({})],
  ['admin.createInvite', 'invites:write', () => ({})],
  ['admin.listAuditLogs', 'audit:read', () => ({})],
  ['admin.listApiKeys', 'api-keys:read', () => ({})],
  ['admin.createApiKey', 'api-keys:write', () => ({ name: 'x', scopes: ['users:read'] })],
];

describe.each(calls)('%s', (operation, scope, input) => {
  it('is refused to members, guests, the suspended, other accounts and keys without the scope', async () => {
    const suspended = await app.person('dan', account, 'owner');
    await app.uow.write(account, (tx) => tx.suspensions.set(suspended.id, true));
    const callers: Calling[] = [
      bob,
      await app.person('carol', account, 'guest'),
      suspended,
      app.as(ids.next(), account),
      await app.person('eve', await app.account(), 'owner').then(({ id }) => app.as(id, account)),
      app.byKey([], account),
      app.byKey(['other:write', scope.toUpperCase(), `${scope}:more`], account),
      app.operator(account),
    ];
    for (const caller of callers) expect(await refusal(caller.call(operation, input(bob)))).toBe('FORBIDDEN');
  });

  it('takes nothing that it does not know', async () => {
    expect(await refusal(alice.call(operation, { ...input(bob), accountId: ids.next() }))).toBe('VALIDATION_FAILED');
  });
});

describe('roles', () => {
  it('are given by owners, and end the sessions of whoever gets one', async () => {
    await app.run(signup, { username: 'carol', email: 'carol@example.com', password }, anonymous(account));
    const { user } = await app.run(login, { username: 'carol', password }, anonymous(account));
    app.told.length = 0;
    expect(await alice.call('admin.setUserRole', { userId: user.id, role: 'admin' })).toMatchObject({ role: 'admin' });
    expect((await alice.call('admin.listUserSessions', { userId: user.id })).items).toEqual([]);
    expect(app.told.filter(({ event }) => event === 'user:updated')[0]?.payload).toMatchObject({ user: { role: 'admin' } });
    expect(await kinds(alice, { targetId: user.id })).toEqual(['role_changed', 'signed_in', 'signed_in', 'signed_up']);
  });

  it('of owners and admins are beyond admins and API keys', async () => {
    const admin = await app.person('carol', account, 'admin');
    for (const by of [admin, app.byKey(['users:write', 'sessions:write'], account)]) {
      for (const input of [
        { userId: alice.id, role: 'member' },
        { userId: admin.id, role: 'owner' },
        { userId: bob.id, role: 'admin' },
      ])
        expect(await refusal(by.call('admin.setUserRole', input))).toBe('FORBIDDEN');
      expect(await refusal(by.call('admin.suspendUser', { userId: alice.id }))).toBe('FORBIDDEN');
      expect(await refusal(by.call('admin.revokeUserSessions', { userId: alice.id }))).toBe('FORBIDDEN');
      expect(await refusal(by.call('admin.createUser', { username: 'mallory', role: 'admin' }))).toBe('FORBIDDEN');
    }
    expect(await roleOf(bob)).toBe('member');
  });

  it('leave the account an owner, also when owners demote and suspend each other at once', async () => {
    expect(await refusal(alice.call('admin.setUserRole', { userId: alice.id, role: 'member' }))).toBe('LAST_OWNER');
    expect(await refusal(alice.call('admin.suspendUser', { userId: alice.id }))).toBe('LAST_OWNER');
    const owners = [alice, ...(await Promise.all(['dan', 'eve', 'fay'].map((name) => app.person(name, account, 'owner'))))];
    const pairs = owners.flatMap((by) => owners.filter((of) => of !== by).map((of) => [by, of] as const));
    const outcomes = await Promise.all(
      pairs.map(([by, of], index) =>
        (index % 2 === 0
          ? by.call('admin.setUserRole', { userId: of.id, role: 'member' })
          : by.call('admin.suspendUser', { userId: of.id })
        ).then(
          () => 'done',
          (error: { code: string }) => error.code,
        ),
      ),
    );
    // Who was demoted before their own call began is no owner any more, and their sessions have ended.
    const known = ['done', 'LAST_OWNER', 'FORBIDDEN', 'SESSION_REVOKED'];
    expect(outcomes.filter((outcome) => !known.includes(outcome))).toEqual([]);
    expect(outcomes).toContain('done');
    expect(await app.uow.write(account, (tx) => tx.administration.lockOwners())).toHaveLength(1);
  });

  it('hold at once: who was demoted administers nothing any more', async () => {
    const admin = await app.person('carol', account, 'admin');
    await admin.call('admin.listUsers');
    await alice.call('admin.setUserRole', { userId: admin.id, role: 'member' });
    expect(await refusal(admin.call('admin.listUsers'))).toBe('FORBIDDEN');
  });
});

describe('settings', () => {
  it('by which owners sign in are changed by owners alone: a link in a mail of theirs leads where it says', async () => {
    const admin = await app.person('carol', account, 'admin');
    const owned = { appUrl: 'https://app.example', returnTo: ['https://app.example/'], adminsNeedSecondFactor: true };
    await alice.call('admin.putSettings', { ...owned });
    for (const by of [admin, app.byKey(['settings:write'], account)]) {
      expect(await by.call('admin.putSettings', { ...owned, guests: true })).toMatchObject({ ...owned, guests: true });
      for (const change of [{ appUrl: 'https://evil.example' }, { returnTo: [] }, { adminsNeedSecondFactor: false }])
        expect(await refusal(by.call('admin.putSettings', { ...owned, ...change }))).toBe('FORBIDDEN');
      expect(await refusal(by.call('admin.putSettings', {}))).toBe('FORBIDDEN');
    }
    expect(await alice.call('admin.getSettings')).toMatchObject(owned);
    for (const appUrl of ['https://app.example/?to=', 'https://app.example/#/', 'https://me:secret@app.example/', 'javascript:alert(1)'])
      expect(await refusal(alice.call('admin.putSettings', { appUrl }))).toBe('VALIDATION_FAILED');
    expect(await alice.call('admin.putSettings', {})).not.toHaveProperty('appUrl');
  });
});

it('asks nobody for a proven mailbox who could not take that back', async () => {
  const ask = () => alice.call('admin.putSettings', { emailVerificationRequired: true });
  expect(await refusal(ask())).toBe('EMAIL_NOT_VERIFIED');
  await app.uow.write(account, (tx) => tx.credentials.proveEmail(alice.id));
  expect(await ask()).toMatchObject({ emailVerificationRequired: true });
});

describe('people', () => {
  it('are listed page by page and found by the beginning of a name or a whole address, the suspended too', async () => {
    const carol = await alice.call('admin.createUser', {
      username: 'Carolina',
      email: 'c@example.org',
      displayName: 'Ünal K.',
      externalId: '7',
    });
    await alice.call('admin.suspendUser', { userId: carol.id });
    const found = async (input: object) => (await alice.call('admin.listUsers', { ...input })).items.map(({ id }: Payload) => id);
    expect(await found({})).toEqual([alice.id, bob.id, carol.id]);
    for (const q of ['caro', 'CAROLINA', 'unal', 'c@example.org', 'C@EXAMPLE.ORG']) expect(await found({ q })).toEqual([carol.id]);
    for (const q of ['arolina', 'c@example', '%', '_', 'x', '!!']) expect(await found({ q })).toEqual([]);
    expect(await found({ suspended: true })).toEqual([carol.id]);
    expect(await found({ role: 'owner' })).toEqual([alice.id]);
    const first = await alice.call('admin.listUsers', { limit: 2 });
    expect(first.items.map(({ id }: Payload) => id)).toEqual([alice.id, bob.id]);
    const second = await alice.call('admin.listUsers', { limit: 2, cursor: first.nextCursor });
    expect(second).toMatchObject({
      items: [{ id: carol.id, email: 'c@example.org', externalId: '7', suspendedAt: expect.any(String) }],
      nextCursor: null,
    });
  });

  it('are created with a role, a password and an external id that nobody else has', async () => {
    const input = { username: 'carol', email: 'carol@example.com', emailVerified: true, password, role: 'admin', externalId: 'x-1' };
    const made = await alice.call('admin.createUser', input);
    expect(made).toMatchObject({ username: 'carol', emailVerified: true, role: 'admin', externalId: 'x-1' });
    expect((await app.run(login, { username: 'carol', password }, anonymous(account))).user.id).toBe(made.id);
    const again = (more: object) => refusal(alice.call('admin.createUser', { username: 'dan', ...more }));
    expect(await again({ username: 'CAROL' })).toBe('USERNAME_TAKEN');
    expect(await again({ email: 'Carol@Example.com' })).toBe('EMAIL_TAKEN');
    expect(await again({ externalId: 'x-1' })).toBe('EXTERNAL_ID_TAKEN');
    expect(await again({ password: 'password1' })).toBe('PASSWORD_TOO_WEAK');
    expect(await again({ role: 'guest' })).toBe('VALIDATION_FAILED');
  });

  it('who are suspended are out until that is lifted, and each is recorded once', async () => {
    const { user } = await signUp('carol');
    for (const operation of ['admin.suspendUser', 'admin.suspendUser']) await alice.call(operation, { userId: user.id });
    expect(await refusal(app.run(login, { username: 'carol', password }, anonymous(account)))).toBe('USER_SUSPENDED');
    for (const operation of ['admin.restoreUser', 'admin.restoreUser']) await alice.call(operation, { userId: user.id });
    await app.run(login, { username: 'carol', password }, anonymous(account));
    expect((await kinds(alice, { targetId: user.id })).slice(1)).toEqual(['user_restored', 'user_suspended', 'signed_in', 'signed_up']);
  });

  it('are signed out by device, or everywhere', async () => {
    const { user, session } = await signUp('carol');
    await app.run(login, { username: 'carol', password }, anonymous(account));
    const sessions = async () => (await alice.call('admin.listUserSessions', { userId: user.id })).items.length;
    expect(await sessions()).toBe(2);
    const revoke = (input: object) => alice.call('admin.revokeUserSession', { userId: user.id, sessionId: session.id, ...input });
    expect(await refusal(revoke({ userId: bob.id }))).toBe('SESSION_NOT_FOUND');
    await revoke({});
    expect(await refusal(revoke({}))).toBe('SESSION_NOT_FOUND');
    expect(await sessions()).toBe(1);
    expect(await alice.call('admin.revokeUserSessions', { userId: user.id })).toEqual({ revoked: 1 });
    expect(await sessions()).toBe(0);
  });

  it('of another account are not there', async () => {
    const stranger = await app.person('mallory', await app.account());
    for (const operation of [
      'admin.getUser',
      'admin.suspendUser',
      'admin.restoreUser',
      'admin.listUserSessions',
      'admin.revokeUserSessions',
    ])
      expect(await refusal(alice.call(operation, { userId: stranger.id }))).toBe('USER_NOT_FOUND');
    expect(await refusal(alice.call('admin.setUserRole', { userId: stranger.id, role: 'admin' }))).toBe('USER_NOT_FOUND');
  });
});

describe('settings', () => {
  it('are replaced as a whole, and bounded', async () => {
    const defaults = await alice.call('admin.getSettings');
    expect(defaults).toMatchObject({ signup: 'open', emailDomains: [], guests: false });
    expect(await settle({ signup: 'closed', accessTokenTtlSeconds: 60, emailDomains: ['Example.COM'] })).toMatchObject({
      signup: 'closed',
      accessTokenTtlSeconds: 60,
      emailDomains: ['example.com'],
    });
    expect(await settle({})).toEqual(defaults);
    for (const wrong of [
      { accessTokenTtlSeconds: 86_401 },
      { accessTokenTtlSeconds: 0 },
      { emailDomains: ['not a domain'] },
      { appUrl: 'javascript:alert(1)' },
      { signup: 'whatever' },
      { suspendedAt: null },
    ])
      expect(await refusal(settle(wrong))).toBe('VALIDATION_FAILED');
    expect(await kinds(alice)).toEqual(['settings_changed', 'settings_changed']);
  });

  it('close the sign-up, or keep it to some domains', async () => {
    await settle({ emailDomains: ['example.com'] });
    await signUp('carol');
    for (const email of ['x@example.org', 'x@evil.example.com', 'x@example.com.evil.org'])
      expect(await refusal(signUp('dan', { email }))).toBe('EMAIL_DOMAIN_REFUSED');
    await settle({ signup: 'closed' });
    expect(await refusal(signUp('dan'))).toBe('SIGNUP_CLOSED');
    await alice.call('admin.createUser', { username: 'dan', password });
  });

  it('let in by invite: each as often as it says, at once too, and not once it is revoked or has expired', async () => {
    await settle({ signup: 'invite' });
    const { invite } = await alice.call('admin.createInvite', { uses: 2 });
    for (const wrong of [undefined, 'nonsense', `${invite}x`])
      expect(await refusal(signUp('mallory', { invite: wrong }))).toBe('INVITE_NOT_FOUND');
    const outcomes = await Promise.all(
      ['ann', 'ben', 'cem', 'deb'].map((name) =>
        signUp(name, { invite }).then(
          () => 'in',
          (error: { code: string }) => error.code,
        ),
      ),
    );
    expect(outcomes.toSorted()).toEqual(['INVITE_EXHAUSTED', 'INVITE_EXHAUSTED', 'in', 'in']);
    const other = await alice.call('admin.createInvite', { uses: 5 });
    await signUp('eve', { invite: other.invite });
    // A username that is taken uses nothing up.
    expect(await refusal(signUp('eve', { invite: other.invite, email: 'other@example.com' }))).toBe('USERNAME_TAKEN');
    expect(await alice.call('admin.revokeInvite', { invite: other.invite })).toEqual({ revoked: 4 });
    expect(await refusal(signUp('fay', { invite: other.invite }))).toBe('INVITE_EXHAUSTED');
    const theirs = await (await app.person('x', await app.account(), 'owner')).call('admin.createInvite');
    expect(await refusal(signUp('fay', { invite: theirs.invite }))).toBe('INVITE_NOT_FOUND');
  });
});
