import { AccessTokens } from '@coucou/application/ports/tokens';
import { operatorCall } from '@coucou/application/accounts/operator-call';
import { login } from '@coucou/application/auth/login';
import { mintToken } from '@coucou/application/auth/mint-token';
import { DEFAULT_ACCOUNT_SETTINGS } from '@coucou/domain/accounts/account-settings';
import type { AccountId } from '@coucou/domain/kernel/ids';
import { addSeconds } from '@coucou/domain/kernel/time';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Payload } from '../../support/event-log.ts';
import { type Caller, type Calling, openTestApp, type TestApp } from '../../support/test-app.ts';
import { anonymous, openGroup, refusal, send } from '../calls.ts';

let app: TestApp;
let account: AccountId;
let alice: Caller;
let robot: Calling;
beforeAll(async () => {
  app = await openTestApp();
});
afterAll(() => app.close());
beforeEach(async () => {
  account = await app.account();
  alice = await app.person('alice', account, 'owner');
  robot = app.byKey(['tokens:mint'], account);
});

const verify = (accessToken: string) => app.container.resolve(AccessTokens).verify(accessToken);
const password = 'correct horse battery staple';

describe('a minted token', () => {
  it('is a session of the person', async () => {
    const bob = await app.person('bob', account);
    const { user, session, accessToken } = await robot.call('admin.mintToken', { userId: bob.id });
    expect(user.id).toBe(bob.id);
    expect(await verify(accessToken)).toMatchObject({ account, actor: { userId: bob.id, sessionId: session.id } });
    const { items } = await alice.call('admin.listAuditLogs', { targetId: bob.id });
    expect(items.map(({ action }: Payload) => action)).toEqual(['token_minted', 'signed_in']);
  });

  it('is none of an owner or admin, of a stranger or of somebody suspended', async () => {
    const admin = await app.person('carol', account, 'admin');
    for (const { id } of [alice, admin]) expect(await refusal(robot.call('admin.mintToken', { userId: id }))).toBe('FORBIDDEN');
    const stranger = await app.person('mallory', await app.account());
    expect(await refusal(robot.call('admin.mintToken', { userId: stranger.id }))).toBe('USER_NOT_FOUND');
    const bob = await app.person('bob', account);
    await alice.call('admin.suspendUser', { userId: bob.id });
    expect(await refusal(robot.call('admin.mintToken', { userId: bob.id }))).toBe('USER_SUSPENDED');
    expect(await refusal(bob.call('admin.mintToken', { userId: bob.id }))).toBe('FORBIDDEN');
    expect(await refusal(app.byKey(['users:write'], account).call('admin.mintToken', { userId: bob.id }))).toBe('FORBIDDEN');
  });

  it('is none of somebody who becomes an admin meanwhile', async () => {
    for (let times = 0; times < 10; times += 1) {
      const bob = await app.person('bob', account);
      const mint = () =>
        robot.call('admin.mintToken', { userId: bob.id }).then(
          () => 'minted',
          ({ code }: { code: string }) => code,
        );
      const [, ...minted] = await Promise.all([
        alice.call('admin.setUserRole', { userId: bob.id, role: 'admin' }),
        ...Array.from({ length: 3 }, mint),
      ]);
      expect(['minted', 'FORBIDDEN']).toEqual(expect.arrayContaining(minted));
      expect((await alice.call('admin.listUserSessions', { userId: bob.id })).items).toEqual([]);
    }
  });

  it('is none in an account that binds its sessions, whoever proves a key: it is not the key of the person’s device', async () => {
    const bob = await app.person('bob', account);
    await app.uow.write(account, (tx) => tx.accounts.updateSettings({ ...DEFAULT_ACCOUNT_SETTINGS, boundSessions: true }));
    const now = new Date();
    const proof = { thumbprint: 'of an administrator', id: 'one', noncedAt: now, expiresAt: addSeconds(now, 300) };
    for (const call of [operatorCall(account), { ...operatorCall(account), proof }]) {
      const minting = app.run(mintToken, { userId: bob.id }, call);
      await expect(minting).rejects.toMatchObject({ code: 'FORBIDDEN', details: { reason: expect.stringContaining('bound') } });
    }
    expect(await app.uow.read(account, (tx) => tx.sessions.list(bob.id, now))).toEqual([]);
  });

  it('by an external id makes whom nobody knows, once', async () => {
    const create = { username: 'dan', displayName: 'Dan', email: 'dan@example.com', emailVerified: true };
    expect(await refusal(robot.call('admin.mintTokenFor', { externalId: '42' }))).toBe('USER_NOT_FOUND');
    const first = await robot.call('admin.mintTokenFor', { externalId: '42', create });
    expect(first.user).toMatchObject({ username: 'dan', emailVerified: true, role: 'member' });
    const again = await robot.call('admin.mintTokenFor', { externalId: '42', create: { username: 'another' } });
    expect(again.user.id).toBe(first.user.id);
    expect(again.session.id).not.toBe(first.session.id);
    expect(await refusal(robot.call('admin.mintTokenFor', { externalId: '43', create }))).toBe('USERNAME_TAKEN');
    expect(await refusal(robot.call('admin.mintTokenFor', { externalId: '44', create: { username: 'eve', role: 'owner' } }))).toBe(
      'VALIDATION_FAILED',
    );
    const outcomes = await Promise.all(
      Array.from({ length: 5 }, () =>
        robot.call('admin.mintTokenFor', { externalId: '45', create: { username: 'fay' } }).then(
          ({ user }) => user.id,
          (error: { code: string }) => error.code,
        ),
      ),
    );
    const { items } = await alice.call('admin.listUsers', { q: 'fay' });
    expect(items).toHaveLength(1);
    expect(outcomes.every((outcome) => [items[0].id, 'USERNAME_TAKEN', 'EXTERNAL_ID_TAKEN'].includes(outcome))).toBe(true);
  });
});

describe('a guest', () => {
  /** Calls that anybody may make. */
  const visitor = () => app.visitor(account);
  const come = (more: object = {}) => visitor().call('auth.guest', { ...more });
  const letIn = () => alice.call('admin.putSettings', { guests: true });

  it('comes in only where the account says so, and not too often from one address', async () => {
    expect(await refusal(come())).toBe('GUESTS_NOT_ALLOWED');
    await letIn();
    const { user } = await come({ displayName: 'Passing by' });
    expect(user).toMatchObject({
      role: 'guest',
      guest: true,
      displayName: 'Passing by',
      username: expect.stringMatching(/^guest-[0-9a-f]{12}$/),
    });
    for (let visits = 1; visits < 20; visits += 1) await come();
    expect(await refusal(come())).toBe('RATE_LIMITED');
  });

  it('who is upgraded keeps their id and history, and signs in by password from then on', async () => {
    await letIn();
    const { user } = await come();
    const gus = app.as(user.id, account);
    const group = await openGroup(gus, [alice]);
    const { id } = await send(gus, group, 'from a guest');
    const upgraded = await gus.call('auth.upgradeGuest', { username: 'gus', email: 'gus@example.com', password });
    expect(upgraded).toMatchObject({ id: user.id, username: 'gus', role: 'member', email: 'gus@example.com', emailVerified: false });
    expect(upgraded).not.toHaveProperty('guest');
    expect((await app.run(login, { username: 'gus', password }, anonymous(account))).user.id).toBe(user.id);
    expect(await alice.call('messages.get', { messageId: id })).toMatchObject({ senderId: user.id, content: 'from a guest' });
    expect(await refusal(gus.call('auth.upgradeGuest', { username: 'gus2', email: 'gus2@example.com', password }))).toBe('NOT_A_GUEST');
  });

  it('is upgraded under the rules of signing up', async () => {
    await letIn();
    const gus = app.as((await come()).user.id, account);
    await alice.call('admin.createUser', { username: 'taken', email: 'taken@example.com' });
    const upgrade = (more: object) => gus.call('auth.upgradeGuest', { username: 'gus', email: 'gus@example.com', password, ...more });
    expect(await refusal(upgrade({ username: 'taken' }))).toBe('USERNAME_TAKEN');
    expect(await refusal(upgrade({ email: 'taken@example.com' }))).toBe('EMAIL_TAKEN');
    expect(await refusal(upgrade({ password: 'password1' }))).toBe('PASSWORD_TOO_WEAK');
    expect(await refusal(upgrade({ role: 'owner' }))).toBe('VALIDATION_FAILED');
    await alice.call('admin.putSettings', { guests: true, signup: 'closed' });
    expect(await refusal(upgrade({}))).toBe('SIGNUP_CLOSED');
    const bob = await app.person('bob', account);
    expect(await refusal(bob.call('auth.upgradeGuest', { username: 'bob2', email: 'b@example.com', password }))).toBe('NOT_A_GUEST');
  });
});
