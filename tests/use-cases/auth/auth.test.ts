import { login } from '@coucou/application/auth/login';
import { me } from '@coucou/application/auth/me';
import { refresh } from '@coucou/application/auth/refresh';
import { signup } from '@coucou/application/auth/signup';
import { AccessTokens } from '@coucou/application/ports/tokens';
import type { AccountId } from '@coucou/domain/kernel/ids';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { actionsOn } from '../../support/audit-log.ts';
import { ids } from '../../support/fixtures.ts';
import { openTestApp, type TestApp } from '../../support/test-app.ts';
import { anonymous } from '../calls.ts';

let app: TestApp;
let account: AccountId;
beforeAll(async () => {
  app = await openTestApp();
  app.settings.refreshTokenTtlSeconds = 3600;
});
afterAll(() => app.close());
beforeEach(async () => {
  account = await app.account();
  app.time.now = new Date('2026-01-15T12:00:00.000Z');
});

const alice = { username: 'alice', email: 'alice@example.com', password: 'correct horse battery' };
const signUp = (change: Partial<typeof alice> = {}, at = account) => app.run(signup, { ...alice, ...change }, anonymous(at));
const logIn = (input: Parameters<typeof login.run>[1], at = account) => app.run(login, input, anonymous(at));
const rotate = (refreshToken: string) => app.run(refresh, { refreshToken }, anonymous(account));
const failure = (attempt: Promise<unknown>) =>
  attempt.then(
    () => 'no failure',
    (error: { code: string; details: unknown }) => ({ code: error.code, details: error.details }),
  );

describe('sign-up', () => {
  it('makes a user and a session, with tokens for it', async () => {
    const { user, session, accessToken, refreshToken } = await signUp();
    expect(user).toMatchObject({ accountId: account, username: 'alice', email: 'alice@example.com', displayName: 'alice', role: 'member' });
    expect(session).toMatchObject({
      userId: user.id,
      ip: '192.0.2.1',
      userAgent: 'a test',
      expiresAt: new Date('2026-01-15T13:00:00.000Z'),
    });
    expect(await app.access.verify(accessToken)).toMatchObject({ account, actor: { userId: user.id, sessionId: session.id } });
    expect(await app.run(me, {}, { ...anonymous(account), actor: { userId: user.id, sessionId: session.id } })).toEqual({
      user,
      session,
    });
    expect(refreshToken.length).toBeGreaterThanOrEqual(43);
  });

  it.each([
    ['name', { username: 'ALICE', email: 'other@example.com' }, 'USERNAME_TAKEN'],
    ['address', { username: 'other', email: 'Alice@EXAMPLE.com' }, 'EMAIL_TAKEN'],
  ])('refuses a %s that is taken in other letters', async (_, change, code) => {
    await signUp();
    await expect(signUp(change)).rejects.toMatchObject({ code, kind: 'conflict' });
  });

  it('lets one of twenty at once have the name', async () => {
    const attempts = await Promise.allSettled(Array.from({ length: 20 }, (_, i) => signUp({ email: `alice${i}@example.com` })));
    expect(attempts.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(new Set(attempts.flatMap((each) => (each.status === 'rejected' ? [each.reason.code] : [])))).toEqual(
      new Set(['USERNAME_TAKEN']),
    );
  });

  it('lets another account have the same name', async () => {
    const here = await signUp();
    const there = await signUp({}, await app.account());
    expect(there.user.username).toBe(here.user.username);
    expect(there.user.id).not.toBe(here.user.id);
  });

  it('refuses a weak password before it does anything', async () => {
    expect(await failure(signUp({ password: 'alice@example.com' }))).toEqual({
      code: 'PASSWORD_TOO_WEAK',
      details: { reason: 'personal' },
    });
    await expect(signUp()).resolves.toMatchObject({ user: { username: 'alice' } });
  });

  it('stores neither the password nor the token', async () => {
    const { refreshToken, session } = await signUp();
    const known = await app.uow.read(account, async (tx) => ({
      user: await tx.users.lookupByIdentifier('alice'),
      session: await tx.sessions.lookup(session.id),
    }));
    expect(known.session).toMatchObject({ rotation: 0, tokenHash: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(JSON.stringify(known.session)).not.toContain(refreshToken);
    expect(known.user?.passwordHash).toMatch(/^\$argon2id\$v=19\$m=19456,/);
    expect(known.user?.passwordHash).not.toContain(alice.password);
  });
});

describe('login', () => {
  it.each([
    ['identifier', { identifier: 'Alice' }],
    ['identifier that is an address', { identifier: 'ALICE@example.com' }],
    ['username', { username: 'aLICE' }],
    ['e-mail', { email: 'alice@Example.com' }],
  ])('by %s opens another session of the same person', async (_, by) => {
    const first = await signUp();
    const second = await logIn({ ...by, password: alice.password });
    expect(second.user).toEqual(first.user);
    expect(second.session.id).not.toBe(first.session.id);
    expect(await app.access.verify(second.accessToken)).toMatchObject({ actor: { sessionId: second.session.id } });
  });

  it('answers an unknown person exactly as a wrong password', async () => {
    await signUp();
    const unknown = await failure(logIn({ identifier: 'bob', password: alice.password }));
    expect(unknown).toEqual({ code: 'INVALID_CREDENTIALS', details: {} });
    expect(await failure(logIn({ identifier: 'alice', password: 'Correct horse battery' }))).toEqual(unknown);
    expect(await failure(logIn({ identifier: 'alice', password: alice.password }, await app.account()))).toEqual(unknown);
    expect(await failure(logIn({ password: alice.password }))).toEqual(unknown);
  });

  it('hashes again what was hashed with less', async () => {
    const { user } = await signUp();
    // The same password at a fraction of today's cost.
    const weak = '$argon2id$v=19$m=1024,p=1,t=2$c2l4dGVlbiBieXRlcyBvaw$UzgSr5AqJ5eiqg8nOgEFpB2gaWOuIsWLgpZIcyiSBSU';
    await app.uow.write(account, (tx) => tx.users.updatePasswordHash(user.id, weak));
    await logIn({ identifier: 'alice', password: alice.password });
    const known = await app.uow.read(account, (tx) => tx.users.lookupByIdentifier('alice'));
    expect(known?.passwordHash).toMatch(/\$m=19456,/);
    await expect(logIn({ identifier: 'alice', password: alice.password })).resolves.toMatchObject({ user: { id: user.id } });
  });
});

describe('refresh', () => {
  it('finds the account by the token, and refuses a caller who names another', async () => {
    const { refreshToken } = await signUp();
    const other = await app.account();
    const named = (namedAccount: AccountId) =>
      app.run(refresh, { refreshToken }, { ...anonymous(namedAccount), namedAccount }).then(({ session }) => session.accountId);
    expect(await failure(named(other))).toEqual({ code: 'FORBIDDEN', details: { reason: 'account' } });
    expect(await named(account)).toBe(account);
  });

  it('gives a successor and moves the end of the session', async () => {
    const first = await signUp();
    app.time.now = new Date('2026-01-15T12:30:00.000Z');
    const second = await rotate(first.refreshToken);
    expect(second.session).toMatchObject({
      id: first.session.id,
      createdAt: first.session.createdAt,
      lastUsedAt: app.time.now,
      expiresAt: new Date('2026-01-15T13:30:00.000Z'),
    });
    expect(second.user).toEqual(first.user);
    const third = await rotate(second.refreshToken);
    expect(new Set([first, second, third].map(({ refreshToken }) => refreshToken)).size).toBe(3);
  });

  describe('with a spent token', () => {
    const later = (seconds: number) => {
      app.time.now = new Date(new Date('2026-01-15T12:00:00.000Z').getTime() + seconds * 1000);
    };
    const use = ({ accessToken }: Readonly<{ accessToken: string }>) => app.container.resolve(AccessTokens).verify(accessToken);
    const eventsOf = ({ user }: Awaited<ReturnType<typeof signUp>>) => actionsOn(app, account, user.id);

    it('answers the same successor and a fresh access token until one of them is used, however late', async () => {
      const first = await signUp();
      const lost = await rotate(first.refreshToken);
      expect(lost.refresh).toBe('rotated');
      later(3_000);
      const again = await rotate(first.refreshToken);
      expect(again).toMatchObject({ refresh: 'recovered', refreshToken: lost.refreshToken, session: { rotation: 1 } });
      expect(again.accessToken).not.toBe(lost.accessToken);
      // The end does not move: the answer is an old one.
      expect(again.session.expiresAt).toEqual(lost.session.expiresAt);
      await use(again);
      expect(await failure(rotate(first.refreshToken))).toEqual({ code: 'REFRESH_TOKEN_REUSED', details: {} });
    });

    it('recovers nothing once the successor has expired', async () => {
      const first = await signUp();
      await rotate(first.refreshToken);
      later(3_600);
      expect(await failure(rotate(first.refreshToken))).toEqual({ code: 'UNAUTHENTICATED', details: {} });
    });

    it('answers in the grace though the successor was used, and ends the session after it', async () => {
      const first = await signUp();
      const second = await rotate(first.refreshToken);
      await use(second);
      later(9);
      expect(await rotate(first.refreshToken)).toMatchObject({ refreshToken: second.refreshToken });
      later(10);
      expect(await failure(rotate(first.refreshToken))).toEqual({ code: 'REFRESH_TOKEN_REUSED', details: {} });
      expect(await failure(rotate(second.refreshToken))).toEqual({ code: 'SESSION_REVOKED', details: {} });
      await expect(use(second)).rejects.toMatchObject({ code: 'SESSION_REVOKED' });
      expect(await eventsOf(first)).toEqual(['refresh_token_replayed', 'signed_in', 'signed_up']);
    });

    it('ends the session at once where the token is older than the spent one', async () => {
      const first = await signUp();
      const second = await rotate(first.refreshToken);
      const third = await rotate(second.refreshToken);
      expect(await failure(rotate(first.refreshToken))).toEqual({ code: 'REFRESH_TOKEN_REUSED', details: {} });
      expect(await failure(rotate(third.refreshToken))).toEqual({ code: 'SESSION_REVOKED', details: {} });
    });

    it('knows of a use that another node has seen, once it is written', async () => {
      const first = await signUp();
      const second = await rotate(first.refreshToken);
      await app.uow.write(account, (tx) => tx.sessions.noteUses([{ id: second.session.id, rotation: 1, at: new Date() }]));
      later(10);
      expect(await failure(rotate(first.refreshToken))).toEqual({ code: 'REFRESH_TOKEN_REUSED', details: {} });
    });
  });

  it('gives twenty uses at once one successor', async () => {
    const { refreshToken } = await signUp();
    const uses = await Promise.all(Array.from({ length: 20 }, () => rotate(refreshToken)));
    expect(new Set(uses.map((use) => use.refreshToken)).size).toBe(1);
    expect(uses.map((use) => use.refresh).toSorted()).toEqual([...Array.from({ length: 19 }, () => 'recovered'), 'rotated']);
  });

  it('refuses a token that is unknown or has expired', async () => {
    const { refreshToken } = await signUp();
    expect(await failure(rotate('unknown'))).toEqual({ code: 'UNAUTHENTICATED', details: {} });
    app.time.now = new Date('2026-01-15T13:00:00.000Z');
    expect(await failure(rotate(refreshToken))).toEqual({ code: 'UNAUTHENTICATED', details: {} });
  });

  it('refuses every token of a session that was revoked', async () => {
    const { refreshToken, session } = await signUp();
    await app.uow.write(account, (tx) => tx.sessions.revoke({ userId: session.userId }, 'revoked'));
    expect(await failure(rotate(refreshToken))).toEqual({ code: 'SESSION_REVOKED', details: {} });
  });
});

describe('me', () => {
  it('is nobody when the session or the person is not of this account', async () => {
    const { user, session } = await signUp();
    const ask = (at: AccountId, actor: { userId: typeof user.id; sessionId: typeof session.id }) =>
      failure(app.run(me, {}, { ...anonymous(at), actor }));
    const nobody = { code: 'UNAUTHENTICATED', details: {} };
    expect(await ask(await app.account(), { userId: user.id, sessionId: session.id })).toEqual(nobody);
    expect(await ask(account, { userId: user.id, sessionId: ids.next() })).toEqual(nobody);
    expect(await ask(account, { userId: ids.next(), sessionId: session.id })).toEqual(nobody);
  });
});
